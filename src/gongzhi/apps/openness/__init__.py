"""Published figures.

comes in: cases and their steps · goes out: counts and durations by category, area, unit and week
keeps: nothing of its own · never: a figure about a person
中文：公开
"""
