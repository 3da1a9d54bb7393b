"""Cleaning: whose event it is, when it really happened, and how far event time is complete."""
