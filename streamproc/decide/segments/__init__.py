"""Segments and tags: who is in, who came and went just now, and who will by time alone."""
