"""A back-up holds all of an installation and comes back whole; what was erased since stays erased."""

import io
import json
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import translation

from gongzhi.apps.ledger import public as ledger
from gongzhi.site.keeping import archive, engines, restoring
from gongzhi.site.keeping.archive import ArchiveError
from tests.cast import MONDAY
from tests.site.installations import Installation, empty_installation, thaw

pytestmark = pytest.mark.django_db(transaction=True)
STATE = """
from django.conf import settings
from gongzhi.apps.channels.models import Contact, Report
from gongzhi.apps.channels import public as channels
from gongzhi.apps.places.public import jurisdiction_by_code
from gongzhi.apps.cases.models import Step, Rating
from gongzhi.apps.ledger import public as ledger
office = jurisdiction_by_code(told["office"])
by_code = channels.report_by_code(office, told["code"])
first = Report.objects.order_by("pk").first()
found = {
    "opens": by_code is not None,
    "texts": [r.text for r in Report.objects.order_by("pk")],
    "erased": [bool(r.erased_at) for r in Report.objects.order_by("pk")],
    "point": [first.lon, first.lat, first.place_words],
    "contacts": [c.name + c.phone for c in Contact.objects.all()],
    "said": [s.text for s in Step.objects.filter(by_ref=f"resident:{first.pk}")] + [r.comment for r in Rating.objects.all()],
    "steps": Step.objects.count(),
    "sound": {tree: ledger.verify(tree).ok for tree in ledger.trees()},
    "size": ledger.latest_checkpoint("river").size,
    "restored": {tree: [e.fields for e in ledger.restorations_of(tree)] for tree in ledger.trees()},
    "openable": ledger.entries_about(f"report:{first.pk}").filter(kind="channels.report_received").exclude(salt=None).count(),
}
"""
MIGRATE = """
from gongzhi.site.keeping import schema
found = schema.migrate()
"""
GO_ON = """
from gongzhi.journeys import heads
from gongzhi.kernel import clock
from tests.cast import MONDAY
from gongzhi.apps.actors.public import RESIDENT
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.public import NewReport
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places.public import jurisdiction_by_code
office = jurisdiction_by_code(told["office"])
new = NewReport(text="北门的井盖松了，车一过就响。")
channels.receive_report(jurisdiction=office, channel="web", new=new, by=RESIDENT, at=clock.now())
ledger.sequence(clock.now())
found = heads.keep_heads(at=clock.now())
"""


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """What is refused, in the language these tests are written in."""
    with translation.override("en"):
        yield


@dataclass(frozen=True)
class Old:
    """An installation with data, what is known of it, and a back-up of it."""

    there: Installation
    told: dict[str, Any]
    archive: Path


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Old]:
    """The frozen office, brought up to date, with a photo and a model."""
    folder = tmp_path_factory.mktemp("old")
    with empty_installation(folder / "data") as there:
        told = thaw("0002-spine", there)
        there.ask(MIGRATE)
        for name in ("media/photos/ab/abc.jpg", "models/base-1/model.json"):
            (there.data / name).parent.mkdir(parents=True)
            (there.data / name).write_bytes(b"content of " + name.encode())
        there.well("backup", "--to", folder / "kept")
        (archive,) = archives(folder / "kept")
        yield Old(there, told, archive)


@pytest.fixture
def new(tmp_path: Path) -> Iterator[Installation]:
    """An empty installation."""
    with empty_installation(tmp_path / "new") as made:
        yield made


def archives(folder: Path) -> list[Path]:
    return sorted(folder.glob("gongzhi-*.tar.gz"))


def repacked(source_file: Path, change: Any) -> Path:
    """The archive with its members changed: `change` gets name and content and returns both, or None."""
    made = source_file.with_name("changed.tar.gz")
    with tarfile.open(source_file) as source, tarfile.open(made, "w:gz") as target:
        for info in source:
            file = source.extractfile(info)
            assert file is not None
            kept = change(info.name, file.read())
            if kept is not None:
                member = tarfile.TarInfo(kept[0])
                member.size = len(kept[1])
                target.addfile(member, io.BytesIO(kept[1]))
    return made


def test_an_older_back_up_brings_everything_back_but_what_was_erased_since(
    old: Old, new: Installation
) -> None:
    there, told = old.there, old.told
    assert old.archive.stat().st_mode & 0o777 == 0o600
    before = there.ask(STATE, told=told)
    there.well("erase", "--office", told["office"], "--code", told["code"], "--why", "she asked", "--yes")
    assert there.ask(GO_ON, told=told) > 0
    lines = [json.loads(line) for line in (there.data / "erasures.jsonl").read_text().splitlines()]
    assert [set(line) for line in lines] == [{"kind", "erasure", "office", "report", "mark", "at"}]
    after = there.ask(STATE, told=told)

    said = new.well("restore", old.archive, "--old-data", there.data)
    assert "1 reports that were erased since the back-up were erased again." in said
    assert f"Ledger river: goes on from checkpoint {before['size']}." in said
    state = new.ask(STATE, told=told)
    assert state["opens"], "the reporter still finds the report, and reads that it was erased"
    assert state["erased"] == [True, False, False]
    assert state["texts"] == ["", *before["texts"][1:]]
    assert (state["point"], state["contacts"]) == ([None, None, ""], [""])
    assert not any(state["said"]), "what the reporter added is gone"
    assert state["steps"] == before["steps"], "every step is still there"
    assert state["openable"] == 0
    assert all(state["sound"].values())
    (river,) = state["restored"]["river"]
    assert (river["size"], river["epoch"]) == (before["size"], 1)
    assert (river["lost_from"], river["lost_size"]) == (before["size"], after["size"])
    assert river["archive"] == old.archive.name
    assert (new.data / "media/photos/ab/abc.jpg").read_bytes() == b"content of media/photos/ab/abc.jpg"
    assert (new.data / "models/base-1/model.json").exists()
    assert (new.data / "secret_key").read_text().strip() == told["secret_key"]
    assert "restored from checkpoint" in new.well("ledger", "verify")


def test_a_back_up_is_not_restored_over_data(old: Old) -> None:
    with pytest.raises(restoring.RestoreError, match="restored into an empty one only"):
        restoring.restore(path=old.archive, old_data=[], at=MONDAY)


def test_a_back_up_is_not_restored_over_photos(old: Old, new: Installation) -> None:
    (new.data / "media" / "photos").mkdir(parents=True)
    (new.data / "media" / "photos" / "x.jpg").write_bytes(b"x")
    ended = new.run("restore", old.archive)
    assert ended.returncode == 1
    assert "There are files in" in ended.stderr


def test_an_archive_that_is_cut_off_changed_or_added_to_is_not_read(old: Old, tmp_path: Path) -> None:
    short = tmp_path / "short.tar.gz"
    short.write_bytes(old.archive.read_bytes()[: old.archive.stat().st_size // 2])
    with pytest.raises(ArchiveError, match="damaged or cut off"):
        archive.read(short)
    with pytest.raises(ArchiveError, match="abc.jpg was changed"):
        archive.read(
            repacked(old.archive, lambda n, c: (n, c[:-1] + b"x") if n.endswith("abc.jpg") else (n, c))
        )
    with pytest.raises(ArchiveError, match="abc.jpg is missing"):
        archive.read(repacked(old.archive, lambda n, c: None if n.endswith("abc.jpg") else (n, c)))
    with pytest.raises(ArchiveError, match="a name that no back-up has"):
        archive.read(repacked(old.archive, lambda n, c: (f"media/../../{n}", c)))
    with pytest.raises(ArchiveError, match="no manifest"):
        archive.read(repacked(old.archive, lambda n, c: None if n == "manifest.json" else (n, c)))


def test_an_archive_of_a_newer_program_changes_nothing(old: Old, new: Installation) -> None:
    def future(name: str, content: bytes) -> tuple[str, bytes]:
        if name != "manifest.json":
            return name, content
        said = json.loads(content)
        said["migrations"].append(["gz_cases", "9999_from_the_future"])
        return name, json.dumps(said | {"version": "9.9"}).encode()

    ended = new.run("restore", repacked(old.archive, future))
    assert (ended.returncode, "gongzhi 9.9, which is newer" in ended.stderr) == (1, True), ended.stderr
    left = {path.name for path in new.data.iterdir()} - {"secret_key", "code_key", "gongzhi.sqlite3"}
    assert left == set(), "nothing but what every command makes is there"


def test_a_back_up_without_keys_says_what_is_lost_and_old_ones_make_room(
    old: Old, new: Installation, tmp_path: Path
) -> None:
    (tmp_path / "letters.tar.gz").write_bytes(b"not ours")
    for name in ("gongzhi-20250101T000000Z.tar.gz", "gongzhi-20250102T000000Z.tar.gz"):
        (tmp_path / name).write_bytes(b"an old one")
    said = old.there.well("backup", "--to", tmp_path, "--keep", "1", "--without-key")
    assert "nobody's tracking code opens a report after a restore" in said
    (made,) = archives(tmp_path)
    assert (tmp_path / "letters.tar.gz").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    with tarfile.open(made) as tar:
        assert not [name for name in tar.getnames() if name.startswith("keys/")]
    assert "codes given out before do not open their reports" in new.well("restore", made)
    assert not new.ask(STATE, told=old.told)["opens"]
    (new.data / "code_key").write_text((old.there.data / "code_key").read_text())
    assert new.ask(STATE, told=old.told)["opens"]


def test_a_copy_made_while_others_write_is_of_one_moment(tmp_path: Path) -> None:
    """Each transaction writes two rows: a copy that held only one of them would not be of one moment."""
    stop, wrote = threading.Event(), threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            with transaction.atomic():
                for tree in ("one", "two"):
                    ledger.record(tree=tree, kind="k", subject=f"s:{number}", by="system", at=MONDAY)
            number += 1
            wrote.set()
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert wrote.wait(30)
        for number in range(3):
            facts = engines.engine().snapshot(tmp_path / f"copy-{number}")
            assert facts.tables["gz_ledger_entry"] % 2 == 0
            assert (tmp_path / f"copy-{number}").stat().st_mode & 0o777 == 0o600
    finally:
        stop.set()
        writer.join()


def test_a_missing_program_of_postgresql_is_named_with_its_package(tmp_path: Path) -> None:
    there = {13: tmp_path / "13", 16: tmp_path / "16", 17: tmp_path / "17"}
    assert engines.find_program("pg_dump", 15, there) == str(tmp_path / "16")
    with pytest.raises(engines.EngineError) as refused:
        engines.find_program("pg_dump", 18, there)
    assert "postgresql-client-18" in refused.value.what_to_do()
