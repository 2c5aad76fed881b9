"""What the engine can do: one use case per file, one function each, one transaction."""
