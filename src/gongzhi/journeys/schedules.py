"""Importing this module registers all that is done at set times; the worker does it when it starts."""

from gongzhi.journeys import nightly, record, retention

__all__ = ["nightly", "record", "retention"]
