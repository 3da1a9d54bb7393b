"""Clusters of customers: learned, released, and said in words."""
