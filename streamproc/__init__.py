"""streamproc: event streams of a shop in, customer knowledge and marketing decisions out."""

__version__ = "0.1.0"
