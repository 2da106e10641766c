"""Importing this module subscribes every journey to its events; the site does it once when a process starts."""

from gongzhi.journeys import answer, bulk, changes, report

__all__ = ["answer", "bulk", "changes", "report"]
