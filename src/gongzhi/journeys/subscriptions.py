"""Importing this module subscribes every journey to its events; the site does it once when a process starts."""

from gongzhi.journeys import answer, learning, record, report

__all__ = ["answer", "learning", "record", "report"]
