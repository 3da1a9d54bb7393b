"""Journeys: what is sent to a customer over days, step by step, as it goes on from what came of the last message."""
