"""The four stages as pure processors: records of one partition in, states changed, records out.

The live worker (`runtime/`) and a replay (`offline/`) drive the same ones, so what one does the other does.
"""
