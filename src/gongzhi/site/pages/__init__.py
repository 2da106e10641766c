"""Pages by who uses them. A page composes what several apps show; it owns no data."""
