"""What may come in as words: empty, huge and binary text is refused with what to do, everything else is kept."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.apps.channels import rules
from gongzhi.apps.channels.public import MAX_TEXT, ReportError, check_text


@pytest.mark.parametrize("raw", ["", " ", "\n\t \r\n", "\u3000\u3000", "\u200b\u200d\ufeff", "\x07\x1b"])
def test_text_in_which_nothing_can_be_seen_is_empty(raw: str) -> None:
    assert rules.fault_of_text(raw) == "empty"
    with pytest.raises(ReportError) as refused:
        check_text(raw)
    assert refused.value.what_to_do()


def test_a_hundred_kilobytes_of_words_are_too_long_and_the_limit_is_told() -> None:
    assert rules.fault_of_text("路灯不亮。" * 7_000) == "too_long"
    with pytest.raises(ReportError, match=f"{MAX_TEXT}"):
        check_text("a" * 100_000)
    assert check_text("字" * MAX_TEXT) == "字" * MAX_TEXT
    assert rules.fault_of_text("字" * (MAX_TEXT + 1)) == "too_long"


@pytest.mark.parametrize(
    "raw",
    [
        "abc\x00def",
        "\x89PNG\r\n\x1a\n\x01\x02\x03\x04\x05\x06",
        "\ufffd" * 30 + "text",
        bytes(range(256)).decode("latin-1"),
    ],
)
def test_the_content_of_a_file_is_no_words(raw: str) -> None:
    assert rules.fault_of_text(raw) == "binary"
    with pytest.raises(ReportError):
        check_text(raw)


def test_a_stray_control_character_is_dropped_and_line_ends_are_one() -> None:
    assert check_text("  第一行\r\n第二行\r第三行\x0b\x1b[31m  ") == "第一行\n第二行\n第三行[31m"


def test_rare_characters_emoji_and_other_scripts_are_kept() -> None:
    text = "𠮷野家门口的井盖没了👨‍👩‍👧，жалоба، شكوى\n\t𪚥"
    assert check_text(text) == text


def slow_clean(raw: str) -> str:
    """The obvious twin: looks at every character."""
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    dropped = {"Cc", "Cs", "Co", "Cn"}
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in dropped).strip()


def slow_binary(raw: str) -> bool:
    """The obvious twin: counts character by character."""
    if "\x00" in raw:
        return True
    odd = sum(c == "\ufffd" or (unicodedata.category(c) == "Cc" and c not in "\r\n\t") for c in raw)
    return odd > 3 and odd * 10 > len(raw)


@given(
    st.text(
        st.characters(codec="utf-8") | st.sampled_from("\x00\x07\r\n\t\u200b\ufffd\ue000 路"), max_size=60
    )
)
def test_the_quick_cleaning_does_what_the_slow_one_does(raw: str) -> None:
    assert rules.clean_text(raw) == slow_clean(raw)
    assert rules.looks_binary(raw) == slow_binary(raw)
    assert rules.clean_text(rules.clean_text(raw)) == rules.clean_text(raw)
