"""KPIs, exactly once from facts: what counts (`config/kpis.toml`), in which window, and when it is said."""
