"""The command line for people who have only data: every format, every row once and in order, words instead of crashes."""

import csv
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from gongzhi_analysis.cli import main
from gongzhi_analysis.tables import FORMATS, TableFault, read_table, write_table

SAID = {
    "灯": ["路灯不亮了", "路灯坏了一排", "晚上没有路灯"],
    "坑": ["路面有个大坑", "马路坑洼不平", "坑把车颠翻了"],
}
PLACES = ["小区门口", "学校旁边", "菜市场", "公园东门", "医院对面", "楼下", "桥头", "站台"]
ROWS = [
    (f"{place}{said}，请来修。", label)
    for label, all_said in SAID.items()
    for said in all_said
    for place in PLACES
]
TABLE: dict[str, list[Any]] = {
    "编号": list(range(len(ROWS))),
    "内容": [t for t, _ in ROWS],
    "类别": [c for _, c in ROWS],
}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    write_table(folder / "in.csv", TABLE)
    done = run(
        "text-train",
        "--input",
        folder / "in.csv",
        "--text",
        "内容",
        "--label",
        "类别",
        "--model",
        folder / "m",
    )
    assert done.exit_code == 0, done.output
    assert "48 messages, 2 categories" in done.output
    return folder / "m"


@pytest.mark.parametrize("suffix", FORMATS)
def test_predicting_adds_five_columns_to_every_row_in_order(model: Path, tmp_path: Path, suffix: str) -> None:
    write_table(tmp_path / f"in{suffix}", TABLE)
    target = tmp_path / f"out{suffix}"
    done = run(
        "text-predict",
        "--model",
        model,
        "--input",
        tmp_path / f"in{suffix}",
        "--text",
        "内容",
        "--output",
        target,
    )
    assert done.exit_code == 0, done.output
    found = read_table(target)
    assert list(found) == ["编号", "内容", "类别", "label", "probability", "second", "third", "abstain"]
    assert found["内容"] == TABLE["内容"]
    assert [int(n) for n in found["编号"]] == TABLE["编号"]
    assert found["label"] == TABLE["类别"]
    assert all(0.5 <= float(p) <= 1 for p in found["probability"])
    assert {str(v).lower() for v in found["abstain"]} <= {"true", "false"}


def test_abstaining_rows_have_a_label_too(model: Path, tmp_path: Path) -> None:
    write_table(tmp_path / "in.jsonl", {"内容": ["", "你好彎", None, "路灯"]})
    run(
        "text-predict",
        "--model",
        model,
        "--input",
        tmp_path / "in.jsonl",
        "--text",
        "内容",
        "--output",
        tmp_path / "o.jsonl",
    )
    found = read_table(tmp_path / "o.jsonl")
    assert found["abstain"][:3] == [True, True, True]
    assert all(found["label"])


@pytest.mark.parametrize("suffix", FORMATS)
def test_grouping_adds_a_group_to_every_row(tmp_path: Path, suffix: str) -> None:
    texts = ["杏花里小区搅拌站夜里施工粉尘大"] * 2 + ["", "槐安路红绿灯太短老人过不去"]
    table = {"t": texts, "when": ["2026/3/1 8:05", "2026-03-02 09:00:00", "不详", ""],
             "lon": [116.3, 116.3001, None, "?"], "lat": [39.9, 39.9, None, "x"]}  # fmt: skip
    write_table(
        tmp_path / f"in{suffix}",
        table
        if suffix != ".parquet"
        else table | {"lon": ["116.3", "116.3001", None, "?"], "lat": ["39.9", "39.9", None, "x"]},
    )
    target = tmp_path / f"out{suffix}"
    done = run("group", "--input", tmp_path / f"in{suffix}", "--text", "t", "--time", "when",
               "--lon", "lon", "--lat", "lat", "--output", target)  # fmt: skip
    assert done.exit_code == 0, done.output
    groups = [int(g) for g in read_table(target)["group"]]
    assert groups == [0, 0, 1, 2]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-be"])
def test_texts_in_the_usual_encodings_are_read(tmp_path: Path, encoding: str) -> None:
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    (tmp_path / "in.csv").write_bytes(mark + '内容,类别\r\n"路灯,坏了\n很黑",灯\r\n'.encode(encoding))
    assert read_table(tmp_path / "in.csv") == {"内容": ["路灯,坏了\n很黑"], "类别": ["灯"]}


def test_a_missing_column_names_the_columns_there_are(model: Path, tmp_path: Path) -> None:
    write_table(tmp_path / "in.csv", TABLE)
    done = run(
        "text-predict",
        "--model",
        model,
        "--input",
        tmp_path / "in.csv",
        "--text",
        "text",
        "--output",
        tmp_path / "o.csv",
    )
    assert done.exit_code == 1
    assert "“text”" in done.output
    assert "编号, 内容, 类别" in done.output
    assert not (tmp_path / "o.csv").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bad.xlsx", b"PK\x03\x04 not really"),
        ("bad.parquet", b"PAR1 no"),
        ("bad.jsonl", b'{"a": 1}\n[1, 2]\n'),
        ("broken.jsonl", b'{"a": \n'),
        ("empty.csv", b""),
        ("binary.csv", bytes(range(128, 256)) * 3 + b"\xff"),
        ("table.doc", b"x"),
    ],
)
def test_what_is_no_table_is_refused_in_words(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    done = run("group", "--input", tmp_path / name, "--text", "a", "--output", tmp_path / "o.csv")
    assert done.exit_code == 1
    assert done.output.startswith("Error: ")
    assert "Traceback" not in done.output


def test_too_little_to_learn_from_is_said_in_words(tmp_path: Path) -> None:
    write_table(tmp_path / "in.csv", {"t": ["路灯"] * 3, "l": ["a", "b", ""]})
    done = run(
        "text-train", "--input", tmp_path / "in.csv", "--text", "t", "--label", "l", "--model", tmp_path / "m"
    )
    assert done.exit_code == 1
    assert "ten messages" in done.output


def test_longitude_needs_latitude(tmp_path: Path) -> None:
    write_table(tmp_path / "in.csv", {"t": ["路灯"], "x": ["1"]})
    assert (
        run(
            "group",
            "--input",
            tmp_path / "in.csv",
            "--text",
            "t",
            "--lon",
            "x",
            "--output",
            tmp_path / "o.csv",
        ).exit_code
        == 2
    )


@pytest.mark.parametrize("command", ["text-train", "text-predict", "group"])
def test_help_names_every_option(command: str) -> None:
    shown = run(command, "--help").output
    assert all(option in shown for option in ("--input", "--text"))
    assert run("--help").exit_code == 0


def test_rows_shorter_than_the_heading_are_filled_and_wide_cells_kept(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("a,b,c\n1\n1,2,3\n", encoding="utf-8")
    assert read_table(tmp_path / "in.csv") == {"a": ["1", "1"], "b": [None, "2"], "c": [None, "3"]}


def test_nothing_in_a_message_becomes_a_formula(tmp_path: Path) -> None:
    write_table(tmp_path / "o.xlsx", {"t": ["=1+1", "http://x.test", "+A1"]})
    assert read_table(tmp_path / "o.xlsx") == {"t": ["=1+1", "http://x.test", "+A1"]}


def test_dates_of_a_parquet_table_are_kept(tmp_path: Path) -> None:
    moment = datetime(2026, 3, 1, 8, 5)
    pq.write_table(pa.table({"t": ["路灯坏了"], "w": [moment]}), tmp_path / "in.parquet")
    done = run(
        "group",
        "--input",
        tmp_path / "in.parquet",
        "--text",
        "t",
        "--time",
        "w",
        "--output",
        tmp_path / "o.parquet",
    )
    assert done.exit_code == 0, done.output
    assert read_table(tmp_path / "o.parquet")["w"] == [moment]


def test_the_output_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="length"):
        write_table(tmp_path / "o.jsonl", {"a": [1], "b": [1, 2]})
    with pytest.raises(TypeError):
        write_table(tmp_path / "o.jsonl", {"a": [1, {(1, 2): 3}]})
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(TableFault):
        write_table(tmp_path / "no" / "o.csv", {"a": [1]})


def test_csv_and_jsonl_are_readable_by_others(tmp_path: Path) -> None:
    write_table(tmp_path / "o.csv", TABLE)
    write_table(tmp_path / "o.jsonl", TABLE)
    with (tmp_path / "o.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(ROWS)
    lines = (tmp_path / "o.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[0])["内容"] == ROWS[0][0]
