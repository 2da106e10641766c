"""The pages of those who handle cases: today's list and one task, made for a phone."""
