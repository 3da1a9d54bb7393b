"""What is asked and answered about customers, and the released versions that score them."""
