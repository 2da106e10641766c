"""The same decision for many cases at once: previewed, done by the worker, undone once as a whole."""
