"""Methods of the stage `trigger`: one method, one file, one name."""
