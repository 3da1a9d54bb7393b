"""How good released versions are, whether their world has changed, and when they go back by themselves."""
