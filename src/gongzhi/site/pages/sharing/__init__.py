"""Pages of what units lend each other."""
