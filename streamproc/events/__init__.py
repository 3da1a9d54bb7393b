"""The contracts: every event, record and message that streamproc reads or writes, as typed values.

This package knows nothing of Kafka, clocks or files; `topics/schemas/` is generated from it.
"""
