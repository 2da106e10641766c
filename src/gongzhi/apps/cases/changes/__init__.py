"""What changes after the fact: an answer is withdrawn, an area ends, a day moves, a unit hands on what it holds."""
