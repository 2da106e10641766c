"""Handing a case back (退单): asked with a reason and a line of the power list, decided, at last by an arbiter."""
