"""A worker: one stage as a member of its group, partition by partition, in transactions."""
