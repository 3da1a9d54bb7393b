"""What is different between two replays: what a change of configuration, code or model would change for customers."""
