"""The four stages: how the pure code of each meets the runtime, one file per stage."""
