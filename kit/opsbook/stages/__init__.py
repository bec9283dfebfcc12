"""The stages: a context in, a result out; the same steps that the notebooks take."""
