"""Kinds of cases with rules of their own."""
