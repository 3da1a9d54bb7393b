"""The ledger: what was told of single orders, and what that comes to, whatever the order and the number of tellings."""
