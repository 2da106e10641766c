"""A file that only grows: on the disk when the call returns, and readable after any crash."""

from pathlib import Path

from gongzhi.kernel import journal


def test_lines_come_back_in_order_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "new" / "j.jsonl"
    journal.append(path, [{"n": 1, "word": "井盖"}])
    journal.append(path, [{"n": 2}, {"n": 3}])
    journal.append(path, [])
    assert [line["n"] for line in journal.read(path)] == [1, 2, 3]
    assert path.stat().st_mode & 0o777 == 0o600
    assert journal.read(tmp_path / "none.jsonl") == []


def test_a_line_that_a_crash_cut_off_hides_no_other(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    journal.append(path, [{"n": 1}])
    with path.open("ab") as file:
        file.write(b'{"n": 2, "wo')
    assert [line["n"] for line in journal.read(path)] == [1]
    journal.append(path, [{"n": 3}])
    assert [line["n"] for line in journal.read(path)] == [1, 3]


def test_copies_are_merged_in_order_of_time_and_nothing_twice(tmp_path: Path) -> None:
    own, other = tmp_path / "own.jsonl", tmp_path / "other.jsonl"
    journal.append(own, [{"at": "2026-01-01", "n": 1}, {"at": "2026-03-01", "n": 3}])
    journal.append(other, [{"at": "2026-01-01", "n": 1}, {"at": "2026-02-01", "n": 2}])
    assert journal.merge(own, [other, tmp_path / "none.jsonl"]) == 1
    assert [line["n"] for line in journal.read(own)] == [1, 2, 3]
    assert journal.merge(own, [other]) == 0
    fresh = tmp_path / "fresh.jsonl"
    assert journal.merge(fresh, [own]) == 3
