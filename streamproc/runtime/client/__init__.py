"""Talking with Kafka: getting in, what one may do there, sending and reading."""
