"""Features that `config/features.toml` declares: counts and sums over windows, without code."""
