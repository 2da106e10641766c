"""The coordinator's pages: inbox, search, case."""
