"""Kafka's record batches, read so that nothing a producer can write stops or overwhelms a reader."""
