"""What workers and stages tell about themselves: metrics, health pages, log lines."""
