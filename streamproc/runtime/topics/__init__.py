"""The topics of a cluster as the catalogue wants them: planned, made, changed."""
