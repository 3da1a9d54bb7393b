"""Doing on purpose what a guard refuses by accident: see how things are, plan, show, and only then do it."""
