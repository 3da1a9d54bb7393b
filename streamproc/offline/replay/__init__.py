"""Replay: the processors of the live stages over a dump, in memory, in any number of processes, to the same outputs."""
