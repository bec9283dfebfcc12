"""What to run, where and in which order; the only place that builds output paths."""
