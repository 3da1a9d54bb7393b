"""Versions of models: signed, contested, decided about, and the ones that count."""
