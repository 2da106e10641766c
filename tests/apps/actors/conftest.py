"""The small world of packs of the reading tests: these tests do not hang on the shipped packs."""

import pytest
from cast import Cast, make_cast

from tests.apps.understanding.conftest import packs

__all__ = ["cast", "packs"]


@pytest.fixture
def cast() -> Cast:
    """The office and its people; the test says which kind of database access it needs."""
    return make_cast()
