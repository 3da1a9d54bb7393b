"""What is known of one customer: the state, how events fold into it, how it becomes bytes, and its features."""
