"""The small world of packs of the reading tests, with the cast's office in it."""

from tests.apps.understanding.conftest import base_model, cast, packs

__all__ = ["base_model", "cast", "packs"]
