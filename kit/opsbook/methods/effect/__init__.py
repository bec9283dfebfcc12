"""Methods of the stage `effect`: one method, one file, one name."""
