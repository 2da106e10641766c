"""Complaints about how a case was handled: never handed to the unit complained about, never seen by its people."""
