"""Keeping and moving an installation: back up, restore, upgrade, its keys, erasing, what is kept how long."""
