"""The reference job on this runtime and on its peers: the same events, the same work, alternating in one run."""
