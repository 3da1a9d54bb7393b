"""What a partition's states are kept in: in memory, in the local store, in the changelog."""
