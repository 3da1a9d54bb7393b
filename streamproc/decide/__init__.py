"""Decisions: one customer, one event, one answer. `step.py` is the page to read first."""
