"""The seam between the stages and whoever drives them: what a stage is given, and what it gives."""
