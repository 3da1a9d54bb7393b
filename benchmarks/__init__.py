"""Benchmarks: `make bench` runs all and prints one line of JSON each. Ratios of one run compare, seconds do not."""
