"""What is generated from the code and committed: JSON Schemas, the AsyncAPI document. `python -m streamproc.export`."""
