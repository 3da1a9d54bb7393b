"""Event time in a partition of the customer log, and who is to be woken by it."""
