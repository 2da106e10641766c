"""Tables that come in: any encoding a hotline writes, damaged and malicious workbooks, headings however spelt."""

import io
import struct
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongzhi.apps.channels.kinds.hotline_file import tables
from gongzhi.apps.channels.kinds.hotline_file.columns import Columns, find_columns, folded
from gongzhi.apps.channels.kinds.hotline_file.tables import Row, TableError, read_rows
from gongzhi.apps.channels.pack import TicketMapping
from gongzhi.kernel.cells import plain_cell, safe_cell

TABLE = '编号,内容\r\nA1,路灯不亮\r\n\r\nA2,"两行\r\n的话"\r\n'
ROWS = [(1, ["编号", "内容"]), (2, ["A1", "路灯不亮"]), (4, ["A2", "两行\r\n的话"])]
MAPPING = TicketMapping(
    key="m", external_key=["No."], text=["text", "words"], received_at=["time"], lon=["lon"]
)


def put(tmp_path: Path, content: bytes, name: str = "t.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def refused(path: Path) -> str:
    with pytest.raises(TableError) as error:
        list(read_rows(path))
    assert error.value.what_to_do()
    return str(error.value)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_the_encodings_that_offices_write_are_read(tmp_path: Path, encoding: str) -> None:
    mark = "\ufeff" if encoding in {"utf-16-le", "utf-16-be"} else ""
    rows = list(read_rows(put(tmp_path, (mark + TABLE).encode(encoding))))
    assert [(n, [c.lstrip("\ufeff") for c in cells]) for n, cells in rows] == ROWS


def test_characters_beyond_gbk_are_read(tmp_path: Path) -> None:
    rows = list(read_rows(put(tmp_path, "编号,内容\nA1,𠮷野家㐂㙍\n".encode("gb18030"))))
    assert rows[1] == (2, ["A1", "𠮷野家㐂㙍"])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_seen_below_a_title_too(tmp_path: Path, delimiter: str) -> None:
    text = f"十一月工单\n编号{delimiter}内容\nA1{delimiter}路灯, 坏了; 两盏\n"
    if delimiter in ",;":
        text = text.replace("路灯, 坏了; 两盏", '"路灯, 坏了; 两盏"')
    rows = list(read_rows(put(tmp_path, text.encode())))
    assert rows[2] == (3, ["A1", "路灯, 坏了; 两盏"])


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (bytes(range(256)) * 20, "t.csv"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "t.csv"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "t.csv"),
        (b"not a zip archive", "t.xlsx"),
        (b"PK\x03\x04 not much of an archive", "t.xlsx"),
        (b"PK\x03\x04 not much of an archive", "t.csv"),
        ('a,b\n1,"' + "x" * (tables.MAX_CELL + 1) + '"\n', "t.csv"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_words(tmp_path: Path, content: bytes | str, name: str) -> None:
    raw = content.encode() if isinstance(content, str) else content
    assert refused(put(tmp_path, raw, name))


@pytest.mark.parametrize("name", ["t.csv", "t.xlsx"])
@pytest.mark.parametrize("content", [b"", b"\n\n , \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    if name == "t.xlsx":
        workbook = openpyxl.Workbook()
        workbook.save(tmp_path / name)
    else:
        put(tmp_path, content, name)
    with pytest.raises(TableError, match="empty"):
        find_columns(read_rows(tmp_path / name), MAPPING)


def workbook(tmp_path: Path, rows: list[list[object]], name: str = "t.xlsx", above: int = 0) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for number, row in enumerate(rows, 1 + above):
        for column, value in enumerate(row, 1):
            sheet.cell(number, column, value)
    book.save(tmp_path / name)
    return tmp_path / name


def test_a_workbook_is_read_as_a_person_sees_it(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        [
            ["编号", "时间", "日期", "钟点", "数", "是"],
            [1001, datetime(2024, 2, 29, 10, 5), date(2024, 3, 1), time(9, 5), 116.25, True],  # noqa: DTZ001
            ["007", None, None, None, 1e20, None],
        ],
        above=2,
    )
    assert list(read_rows(path)) == [
        (3, ["编号", "时间", "日期", "钟点", "数", "是"]),
        (4, ["1001", "2024-02-29 10:05:00", "2024-03-01", "09:05:00", "116.25", "True"]),
        (5, ["007", "", "", "", "1e+20", ""]),
    ]


def test_a_workbook_is_known_by_its_content_and_hidden_sheets_are_passed_over(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    hidden = book.active
    assert hidden is not None
    hidden.append(["secret"])
    hidden.sheet_state = "hidden"
    book.create_sheet("tickets").append(["编号"])
    book.save(tmp_path / "t.xlsx")
    path = (tmp_path / "t.xlsx").rename(tmp_path / "renamed.csv")
    assert list(read_rows(path)) == [(1, ["编号"])]


def _with_member(path: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    """The same workbook with one part changed."""
    out = path.with_name(f"changed-{path.name}")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = old.read(info)
            new.writestr(info.filename, change(content) if info.filename == name else content)
    return out


@pytest.mark.parametrize(
    "change",
    [
        lambda xml: xml[: len(xml) // 2],
        lambda xml: b"",
        lambda xml: b"\x00\x01\x02" * 100,
    ],
)
def test_a_damaged_workbook_is_refused(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    good = workbook(tmp_path, [["编号"], ["A1"]])
    assert "damaged" in refused(_with_member(good, "xl/worksheets/sheet1.xml", change))


def test_a_workbook_that_breaks_off_is_refused(tmp_path: Path) -> None:
    content = workbook(tmp_path, [["编号"], ["A1"]]).read_bytes()
    for kept in (0.2, 0.6, 0.99):
        assert "damaged" in refused(put(tmp_path, content[: int(len(content) * kept)], "cut.xlsx"))


def test_a_workbook_that_wants_other_entities_gets_none(tmp_path: Path) -> None:
    def attack(xml: bytes) -> bytes:
        head, _, rest = (
            xml.partition(b"?>") if xml.startswith(b"<?xml") else (b"<?xml version='1.0'", b"", xml)
        )
        entities = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>'
        return head + b"?>" + entities + rest.replace(b"A1", b"&a;&b;", 1)

    good = workbook(tmp_path, [["编号"], ["A1"]])
    path = _with_member(good, "xl/sharedStrings.xml", attack)
    try:
        told = str(list(read_rows(path)))
    except TableError:
        return
    assert "root:" not in told


def test_a_zip_bomb_is_refused_by_what_it_says_of_itself(tmp_path: Path) -> None:
    good = workbook(tmp_path, [["编号"], ["A1"]])
    assert "unpacks" in refused(
        _with_member(good, "xl/worksheets/sheet1.xml", lambda xml: xml + b" " * 40_000_000)
    )


def test_a_zip_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    good = workbook(tmp_path, [["编号"], ["A1"]])
    bomb = _with_member(good, "xl/worksheets/sheet1.xml", lambda xml: xml + b" " * 40_000_000)
    with zipfile.ZipFile(bomb) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    raw = bytearray(bomb.read_bytes())
    size = struct.pack("<I", info.file_size)
    assert raw.count(size) >= 2
    bomb.write_bytes(bytes(raw).replace(size, struct.pack("<I", 2_000)))
    assert "damaged" in refused(bomb)


@pytest.mark.parametrize("where", [b"XFD1048576", b"XFD200000", b"ZZZZZZZ99999999999"])
def test_one_cell_far_out_does_not_take_all_memory(tmp_path: Path, where: bytes) -> None:
    good = workbook(tmp_path, [["编号"], ["A1"]])
    far = _with_member(
        good, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'r="A2"', b'r="' + where + b'"')
    )
    assert "damaged" in refused(far)


@given(st.binary(max_size=300))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_a_table_or_refused_never_a_crash(tmp_path: Path, content: bytes) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("xl/workbook.xml", content)
    for raw, name in ((content, "t.csv"), (content, "t.xlsx"), (archive.getvalue(), "t.xlsx")):
        with suppress(TableError):
            list(read_rows(put(tmp_path, raw, name)))


@pytest.mark.parametrize(
    "heading", ["工单编号", " 工单 编号 ", "工单编号*", "工单编号：", "工单_编号", "\ufeff工单编号"]
)
def test_headings_are_compared_without_spaces_marks_and_width(heading: str) -> None:
    assert folded(heading) == folded("工单编号")


def test_latin_headings_are_compared_without_case_and_width() -> None:
    assert folded("Ticket No") == folded("ＴＩＣＫＥＴ＿ＮＯ") == folded("ticket-no.")
    assert folded("lon") != folded("lat")
    assert folded("#") == "#"


def columns_of(rows: list[Row], mapping: TicketMapping = MAPPING) -> tuple[Columns, list[Row]]:
    columns, rest = find_columns(rows, mapping)
    return columns, list(rest)


def test_the_first_variant_that_the_file_has_counts() -> None:
    columns, _ = columns_of([(1, ["TIME", "words", "no", "Text"])])
    assert columns.places["text"] == (3,)
    assert columns.cell(["", "w", "", "t"], "text") == "t"
    assert columns.cell(["", "w"], "text") == "", "a short row has nothing there"
    assert columns.places["lon"] == ()
    assert columns.cell(["x"], "lon") == ""


def test_titles_above_the_headings_are_passed_over() -> None:
    rows: list[Row] = [
        (1, ["十一月工单"]),
        (3, ["制表：某某"]),
        (4, ["No", "text", "time"]),
        (5, ["1", "a", "b"]),
    ]
    columns, rest = columns_of(rows)
    assert columns.headings == ("No", "text", "time")
    assert rest == [(5, ["1", "a", "b"])]


def test_a_missing_column_is_one_error_that_names_what_is_there_and_what_was_looked_for() -> None:
    with pytest.raises(TableError) as error:
        columns_of([(1, ["No", "内容", "电话"]), (2, ["1", "a", "b"])])
    assert all(f"“{heading}”" in str(error.value) for heading in ("No", "内容", "电话"))
    assert all(f"“{heading}”" in error.value.what_to_do() for heading in ("text", "words", "time"))
    assert "No" not in error.value.what_to_do()


def test_a_column_that_is_read_may_stand_there_once_and_others_as_often_as_they_like() -> None:
    columns_of([(1, ["No", "text", "time", "备注", "备注"])])
    with pytest.raises(TableError, match="twice"):
        columns_of([(1, ["No", "text", "time", "TEXT"])])


def test_a_text_made_of_several_columns_has_each_once() -> None:
    joined = MAPPING.model_copy(update={"join_text": True})
    columns, _ = columns_of([(1, ["No", "time", "words", "text"])], joined)
    assert columns.joined(["1", "t", "第二", "第一"], "text") == "第一\n第二"
    assert columns.joined(["1", "t", "同样", "同样"], "text") == "同样"
    assert columns.joined(["1", "t", "只有", ""], "text") == "只有"


@pytest.mark.parametrize("cell", ["", " - ", "无", "NULL", "None", "NaN", "N/A", "--", "\\N"])
def test_a_cell_that_says_nothing_is_empty(cell: str) -> None:
    columns, _ = columns_of([(1, ["No", "text", "time", "lon"])])
    assert columns.cell(["1", "a", "t", cell], "lon") == ""


@pytest.mark.parametrize(
    "text", ["=1+1", "+86 138", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "－1+1", '=HYPERLINK("x")']
)
def test_a_cell_that_a_spreadsheet_would_run_is_made_plain(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    assert plain_cell(safe_cell(text)) == text


@pytest.mark.parametrize("text", ["-71.0587", "+3", "路灯", "a=1", "", "'quoted'", "12"])
def test_other_cells_and_numbers_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


@given(st.text(max_size=20))
def test_a_cell_made_plain_is_read_again_as_it_was(text: str) -> None:
    if not (text.startswith("'") and plain_cell(text) != text):
        assert plain_cell(safe_cell(text)) == text
