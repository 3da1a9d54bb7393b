"""Dumps: records of Kafka topics as files, written, read and gone on with."""
