"""Messages: what was told of single ones, and which of it a person did, whatever the order of arrival."""
