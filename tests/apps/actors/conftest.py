"""The small world of packs of the reading tests: these tests do not hang on the shipped packs."""

from tests.apps.understanding.conftest import packs

__all__ = ["packs"]
