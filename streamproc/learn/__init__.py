"""Learning: answered questions in event-time order become released versions of the models."""
