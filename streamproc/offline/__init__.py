"""Work on files instead of on a running cluster: dumps, real and synthetic input, replays and reports."""
