"""Workers under load: latency, recovery, restarts."""
