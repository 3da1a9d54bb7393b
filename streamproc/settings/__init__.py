"""The only reader of environment and configuration files."""
