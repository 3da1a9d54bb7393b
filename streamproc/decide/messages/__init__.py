"""Messages: whether, when and how one goes out, what came of it, and whether it has to be taken back."""
