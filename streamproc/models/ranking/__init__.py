"""Which products to suggest to a customer: what was bought before, what goes with it, and what sells now."""
