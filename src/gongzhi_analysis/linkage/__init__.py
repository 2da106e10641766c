"""Is it the same thing: a duplicate index, readable pair features, grouping."""
