"""What learns, and what it is as a release: numbers that score the same on every machine."""
