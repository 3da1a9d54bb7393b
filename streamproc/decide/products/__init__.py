"""The shop's products, and the customers who watch them."""
