"""Methods of the stage `control`: one method, one file, one name."""
