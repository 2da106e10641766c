"""Personal data in free text: finding it, so that people may leave it out before anything is public."""
