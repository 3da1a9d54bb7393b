"""The worker processes of one machine: started, kept running, ended together."""
