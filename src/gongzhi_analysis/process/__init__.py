"""How work flows through units: a model to try a change of list, staffing or deadline before making it."""
