"""The installation's keys: made once, changed without locking anybody out, looked after."""

import stat
from pathlib import Path

import pytest

from gongzhi.kernel import ids, keys

CODE = "ABCDE-FGH1-K0NP"


@pytest.fixture(autouse=True)
def from_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GONGZHI_SECRET_KEY", raising=False)


def opens(folder: Path, secret: str, hashed: bytes) -> bool:
    return any(ids.code_hash(CODE, bytes.fromhex(key)) == hashed for key in keys.code_keys(folder, secret))


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "data" / keys.SECRET
    first = keys.read_or_make(path)
    assert len(first) == 64
    assert keys.read_or_make(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == [keys.SECRET]


@pytest.mark.parametrize(
    "secret", ["x" * 40, "a secret of the length that gongzhi makes itself, sixty-four of them"]
)
def test_codes_given_out_before_they_had_a_key_of_their_own_still_open(tmp_path: Path, secret: str) -> None:
    before = ids.code_hash(CODE, f"tracking:{secret}".encode())
    assert opens(tmp_path, secret, before)
    assert secret not in (tmp_path / keys.CODES).read_text() or len(secret) < 56
    assert opens(tmp_path, "quite another secret of later on, since it was rotated", before)


def test_codes_open_after_any_number_of_rotations(tmp_path: Path) -> None:
    secret = keys.read_or_make(tmp_path / keys.SECRET)
    given: list[bytes] = []
    for _ in range(3):
        now = keys.code_keys(tmp_path, secret)[0]
        given.append(ids.code_hash(CODE, bytes.fromhex(now)))
        keys.rotate(tmp_path / keys.CODES, keys.new_code_key(), keep_old=True)
    assert len(set(given)) == 3
    assert all(opens(tmp_path, secret, hashed) for hashed in given)
    assert len(keys.older_keys(tmp_path / keys.CODES)) == 3


def test_the_former_secret_still_reads_unless_it_has_leaked(tmp_path: Path) -> None:
    path = tmp_path / keys.SECRET
    first = keys.read_or_make(path)
    keys.rotate(path, "second", keep_old=True)
    assert (keys.read_or_make(path), keys.older_keys(path)) == ("second", [first])
    assert stat.S_IMODE(keys.older_file(path).stat().st_mode) == 0o600
    keys.rotate(path, "third", keep_old=False)
    assert (keys.read_or_make(path), keys.older_keys(path)) == ("third", [])


def test_a_folder_that_cannot_be_written_keeps_the_old_ways(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    assert keys.code_keys(blocked, "s" * 64) == [keys.code_key_from("s" * 64)]


def test_a_fingerprint_names_a_key_and_gives_nothing_of_it_away() -> None:
    assert keys.fingerprint("one") != keys.fingerprint("two")
    assert "one" not in keys.fingerprint("one")
    assert len(keys.fingerprint("one")) == 12


def test_the_check_finds_what_is_missing_open_short_or_broken(tmp_path: Path) -> None:
    assert [fault.fault for fault in keys.faults_of(tmp_path)] == [
        "secret_key is missing.",
        "code_key is missing.",
    ]
    secret = keys.read_or_make(tmp_path / keys.SECRET)
    keys.code_keys(tmp_path, secret)
    assert keys.faults_of(tmp_path) == []
    (tmp_path / keys.SECRET).chmod(0o644)
    (tmp_path / keys.CODES).write_text("not hex at all, but long enough to be one, is it not?")
    assert [fault.fault for fault in keys.faults_of(tmp_path)] == [
        "Others can read secret_key.",
        "code_key is not as gongzhi wrote it.",
    ]
