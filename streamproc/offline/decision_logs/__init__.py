"""Logs of decisions, ours and others', as the off-policy estimators read them."""
