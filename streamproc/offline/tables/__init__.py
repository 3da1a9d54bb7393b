"""Tables of other systems (order exports, event tables) as dumps, by a mapping that says what each column means."""
