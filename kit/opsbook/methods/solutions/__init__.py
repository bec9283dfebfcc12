"""Methods of the stage `solutions`: one method, one file, one name."""
