"""Personal data is found in texts: measured on items planted in sentences, and the seams of the command."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from gongzhi_analysis.cli import main
from gongzhi_analysis.privacy.numbers import identity_check, luhn
from gongzhi_analysis.privacy.redact import find_personal, leave_out
from gongzhi_analysis.tables import read_table
from tests.analysis.privacy.planting import CARRIERS, Maker, planted

FORMATTED = ("phone", "identity_number", "card", "plate", "email", "house_number", "english_house")
MAKERS = {
    "own_name": "name",
    "third_name": "name",
    "english_own": "english_name",
    "english_third": "english_name",
}
EACH = 200


def found_whole(text: str, start: int, end: int) -> bool:
    """Whether every sign of the item that says something is left out."""
    covered = {place for span in find_personal(text) for place in range(span.start, span.end)}
    return all(place in covered for place in range(start, end) if text[place].isalnum())


def recall(kind: str, seed: int) -> float:
    """The share of planted items of a kind that are left out whole."""
    make = getattr(Maker(seed), MAKERS.get(kind, kind))
    items = list(planted(kind, make, EACH))
    return sum(found_whole(*item) for item in items) / len(items)


@pytest.mark.parametrize("kind", FORMATTED)
def test_formatted_items_are_found(kind: str) -> None:
    assert recall(kind, 11) >= 0.99


@pytest.mark.parametrize("kind", sorted(MAKERS))
def test_names_are_found(kind: str) -> None:
    assert recall(kind, 12) >= 0.90


def test_what_belongs_to_nobody_is_left_alone() -> None:
    wrong = {text: find_personal(text) for text in CARRIERS["nobody"]}
    assert {text: spans for text, spans in wrong.items() if spans} == {}


@pytest.mark.parametrize(
    "text, left",
    [
        ("我叫张伟，电话13800008000。", "我叫〔姓名〕，电话〔电话〕。"),
        ("两个号码：138 0000 8000和010-88886666", "两个号码：〔电话〕和〔电话〕"),
        ("一三八零零零零八零零零打给我", "〔电话〕打给我"),
        ("加微信 abc_12345", "加微信 〔账号〕"),
        ("Call (617) 555-0123, Mr. Smith.", "Call [phone], Mr. [name]."),
        ("", ""),
    ],
)
def test_marks_stand_in_the_place_of_what_was_found(text: str, left: str) -> None:
    assert leave_out(text, find_personal(text)) == left


def test_invisible_signs_inside_a_number_do_not_hide_it() -> None:
    text = "电话138\u200b0000\u200b8000。"
    assert leave_out(text, find_personal(text)) == "电话〔电话〕。"


@given(st.text(alphabet=st.sampled_from("我叫张伟138 0-x@.,，室栋号路A1王n 〇一二三\u200b１２"), max_size=80))
def test_any_text_is_taken_and_spans_are_in_order_and_apart(text: str) -> None:
    spans = find_personal(text)
    assert all(0 <= s.start < s.end <= len(text) for s in spans)
    assert all(a.end <= b.start for a, b in zip(spans, spans[1:], strict=False))
    again = leave_out(text, spans)
    assert len(again) >= len(text) - sum(s.end - s.start for s in spans)


def test_check_digits() -> None:
    assert identity_check("110000199001010005") and not identity_check("110000199001010001")
    assert luhn("79927398713") and not luhn("79927398710")


def test_the_command_writes_text_and_spans(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.jsonl"
    source.write_text("id,words\n1,我叫李娜，请打13912345678\n2,路灯坏了\n", encoding="utf-8")
    ran = CliRunner().invoke(
        main, ["redact", "--input", str(source), "--text", "words", "--output", str(target)]
    )
    assert ran.exit_code == 0, ran.output
    columns = read_table(target)
    assert list(columns) == ["id", "text", "spans"]
    assert columns["text"] == ["我叫〔姓名〕，请打〔电话〕", "路灯坏了"]
    spans = [json.loads(row) for row in columns["spans"]]
    assert spans[1] == []
    assert [(s["start"], s["end"], s["kind"]) for s in spans[0]] == [(2, 4, "name"), (7, 18, "phone")]
