"""Codes people type, words in the reader's language, errors that say what to do."""

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.kernel import clock, ids
from gongzhi.kernel.config import words
from gongzhi.kernel.errors import GongzhiError


def test_a_tracking_code_has_65_bits_and_is_shown_in_groups() -> None:
    codes = {ids.new_tracking_code() for _ in range(500)}
    assert len(codes) == 500
    for code in codes:
        assert [len(part) for part in code.split("-")] == [5, 4, 4]
        assert set(code) <= set(ids.ALPHABET) | {"-"}
    assert len(ids.ALPHABET) ** ids.CODE_LENGTH == 2**65
    assert set("".join(codes)) >= set(ids.ALPHABET)


@pytest.mark.parametrize(
    "typed",
    [
        "ABCDE-FGH1-K0NP",
        "abcdefghlkonp",
        " ABCDE FGHi KOnp ",
        "ＡＢＣＤＥ－ＦＧＨ１－Ｋ０ＮＰ",
        "ABCDE–FGH1–K0NP",
    ],  # noqa: RUF001
)
def test_typing_mistakes_are_forgiven(typed: str) -> None:
    assert ids.normalise_code(typed) == "ABCDEFGH1K0NP"
    assert ids.code_hash(typed, b"key") == ids.code_hash("ABCDEFGH1K0NP", b"key")


@pytest.mark.parametrize(
    "typed", ["", "ABCDE", "ABCDEFGH1K0NPX", "UBCDEFGH1K0NP", "一二三四五六七八九十甲乙丙", "a" * 10_000]
)
def test_what_is_no_code_becomes_nothing(typed: str) -> None:
    assert ids.normalise_code(typed) == ""
    assert ids.show_code(typed) == ""


@given(st.text())
def test_reading_a_code_never_fails_and_is_stable(typed: str) -> None:
    once = ids.normalise_code(typed)
    assert ids.normalise_code(once) == once


def test_the_hash_depends_on_code_and_key() -> None:
    code = ids.new_tracking_code()
    assert ids.code_hash(code, b"one") != ids.code_hash(code, b"two")
    assert ids.code_hash(code, b"one") != ids.code_hash(ids.new_tracking_code(), b"one")
    assert len(ids.code_hash(code, b"one")) == 32


@pytest.mark.parametrize(
    ("names", "lang", "found"),
    [
        ({"zh-hans": "简", "zh-hant": "繁", "en": "E"}, "zh-hant", "繁"),
        ({"zh-hans": "简", "en": "E"}, "zh-hant", "简"),
        ({"zh-hant": "繁", "en": "E"}, "zh-hans", "繁"),
        ({"zh-hans": "简"}, "en", "简"),
        ({"en": "E", "zh-hans": "简"}, "fr", "E"),
        ({"zh-hans": "", "en": "E"}, "zh-hans", "E"),
        ({"zh-hans": "简"}, "zh_Hans", "简"),
        ({}, "en", ""),
    ],
)
def test_the_nearest_language_is_read(names: dict[str, str], lang: str, found: str) -> None:
    assert words(names, lang) == found


class FullError(GongzhiError):
    """An error with its own words."""

    message = "Only %(left)d places are left."
    hint = "Choose %(left)d or fewer."


def test_an_error_says_what_and_what_to_do() -> None:
    error = FullError(left=3)
    assert str(error) == "Only 3 places are left."
    assert error.what_to_do() == "Choose 3 or fewer."
    other = GongzhiError("No.", hint="Ask the office.")
    assert (str(other), other.what_to_do()) == ("No.", "Ask the office.")
    with translation.override("en"):
        assert str(GongzhiError())


def test_the_clock_is_aware_and_in_utc() -> None:
    offset = clock.now().utcoffset()
    assert offset is not None
    assert offset.total_seconds() == 0
