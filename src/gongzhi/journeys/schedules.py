"""Importing this module registers all that is done at set times; the worker does it when it starts."""

from gongzhi.journeys import changes, nightly, record, retention

__all__ = ["changes", "nightly", "record", "retention"]
