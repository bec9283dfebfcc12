"""Warm kernels: a server with the heavy imports done forks one kernel per notebook."""
