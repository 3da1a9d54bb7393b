"""The pure core without Kafka: one process, one core."""
