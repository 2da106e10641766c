"""The rooms of the house, in the order of the floor plan."""
