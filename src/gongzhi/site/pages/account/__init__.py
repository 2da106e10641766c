"""Pages of the person who signs in: the ways in, the own account, one-time links."""
