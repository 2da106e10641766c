"""The leader's page: one table of figures."""
