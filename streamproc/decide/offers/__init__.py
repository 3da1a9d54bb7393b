"""The next best offer: which ones a customer may get, which one is chosen, and what comes of it."""
