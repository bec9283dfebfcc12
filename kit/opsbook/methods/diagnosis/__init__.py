"""Methods of the stage `diagnosis`: one method, one file, one name."""
