"""Where and when: points in areas."""
