"""The doctor: what is well is called good; each thing that is not is named with a mend; nobody is named."""

import json
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import OperationalError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from gongzhi.apps.actors.public import SYSTEM, User
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.understanding.models import ModelVersion
from gongzhi.kernel import clock, pulse
from gongzhi.kernel.models import OutboxJob, OutboxState
from gongzhi.scenarios import loader
from gongzhi.site import cli
from gongzhi.site.doctor import database, examination, machine, reading, safety, work
from gongzhi.site.doctor.findings import Check, Finding, Status, span
from tests.apps.understanding.conftest import base_model, packs
from tests.cast import MONDAY, Cast, say
from tests.site.examined import NOW, SECRET, cast, folder, of, said_of, status_of
from tests.site.installations import Installation

__all__ = ["base_model", "cast", "folder", "packs"]


def test_a_well_kept_installation_is_good_in_every_part(
    cast: Cast,
    base_model: ModelVersion,
    folder: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.HOSTS, settings.HTTPS = ["gongzhi.example.org"], True
    # The test's moment is not the server's: a database with a clock of its own is asked as if it were.
    really_ask = database._ask
    monkeypatch.setattr(database, "_ask", lambda sql: NOW if "clock_timestamp" in sql else really_ask(sql))
    pulse.beat("worker", NOW, NOW)
    with transaction.atomic():
        ledger.record(tree="installation", kind="site.backup_made", subject="backup:x", by=SYSTEM.ref, at=NOW)
    found = examination.examine(NOW)
    assert [f for f in found if f.status is not Status.GOOD] == []
    assert {f.check for f in found} == {c.name for c in examination.CHECKS} - {safety.MAIL}
    assert examination.EXIT_CODES[examination.worst(found)] == 0


def test_it_changes_nothing(cast: Cast, folder: Path) -> None:
    tables = connection.introspection.table_names()

    def rows() -> dict[str, int]:
        with connection.cursor() as cursor:
            counted = {}
            for table in tables:
                cursor.execute(f'SELECT count(*) FROM "{table}"')
                counted[table] = cursor.fetchone()[0]
        return counted

    before, files = rows(), sorted(folder.rglob("*"))
    examination.examine(NOW)
    assert rows() == before
    assert sorted(folder.rglob("*")) == files


def test_it_names_nobody_and_quotes_nobody(cast: Cast, folder: Path) -> None:
    report, code = say(
        cast, "三号楼的标记老人摔倒了", contact_name="Marcia Marked", contact_phone="13900001234"
    )
    User.objects.filter(pk=cast.handler.pk).update(is_demo=True, display_name="Henry Handler")
    OutboxJob.objects.update(state=OutboxState.FAILED, last_error="ValueError at fails:12")
    words = json.dumps([vars(f) for f in examination.examine(NOW)], default=str, ensure_ascii=False)
    for mark in ("标记", "Marked", "13900001234", "Handler", "roads_handler", code, SECRET):
        assert mark not in words
    assert report.pk is not None


def test_a_check_that_breaks_is_itself_broken_and_the_others_go_on() -> None:
    def breaks(now: datetime) -> Iterator[Finding]:
        raise ValueError("13900001234")

    found = examination.examine(NOW, [Check("One", breaks, False), Check("Two", machine.look_at_disk, False)])
    assert [f.check for f in found] == ["One", "Disk"]
    assert found[0].status is Status.BROKEN
    assert "ValueError at breaks" in found[0].said
    assert "13900001234" not in found[0].said


def test_without_tables_what_reads_them_is_left_out_and_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_args: object) -> None:
        raise OperationalError("connection to server at “10.0.0.1” failed: password of somebody")

    monkeypatch.setattr(database.connection, "cursor", fails)
    monkeypatch.setattr(database.connection, "close", lambda: None)
    found = examination.examine(NOW)
    assert [f.status for f in of(found, database.DATABASE)] == [Status.BROKEN]
    assert [f.status for f in of(found, machine.KEYS)] == [Status.GOOD]
    assert of(found, work.WORKER) == []
    assert work.WORKER in of(found, "Not looked at")[0].said


# -- database ----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_database_answers_with_its_version_and_safe_settings() -> None:
    said = said_of(database.look_at_database, clock.now())
    name = {"sqlite": "SQLite 3.", "postgresql": "PostgreSQL "}[connection.vendor]
    assert said.startswith(name)
    assert status_of(database.look_at_database, clock.now()) is Status.GOOD


@pytest.mark.django_db
def test_settings_of_sqlite_that_lose_data_or_stop_writers_are_broken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if connection.vendor != "sqlite":
        monkeypatch.setattr(database.connection, "vendor", "sqlite")
    answers = {"SELECT sqlite_version()": "3.45", "PRAGMA journal_mode": "delete", "PRAGMA foreign_keys": 0}
    monkeypatch.setattr(database, "_ask", answers.get)
    found = list(database.look_at_database(NOW))
    assert [f.status for f in found] == [Status.BROKEN, Status.BROKEN]


@pytest.mark.parametrize(("encoding", "apart", "statuses"), [
    ("UTF8", 0, [Status.GOOD]),
    ("SQL_ASCII", 0, [Status.BROKEN]),
    ("UTF8", 60, [Status.GOOD, Status.LOOK]),
])  # fmt: skip
def test_of_postgresql_the_encoding_and_the_clock_count(
    encoding: str, apart: int, statuses: list[Status], monkeypatch: pytest.MonkeyPatch
) -> None:
    there = NOW + timedelta(seconds=apart)
    answers = {
        "SHOW server_version": "17",
        "SHOW server_encoding": encoding,
        "SELECT clock_timestamp()": there,
    }
    monkeypatch.setattr(database, "_ask", answers.get)
    assert [f.status for f in database._postgres(NOW)] == statuses


@pytest.mark.django_db
def test_tables_that_are_too_old_or_too_new_are_broken() -> None:
    assert status_of(database.look_at_tables) is Status.GOOD
    recorder = MigrationRecorder(connection)
    recorder.record_applied("gz_kernel", "0999_from_tomorrow")
    assert "gz_kernel.0999_from_tomorrow" in said_of(database.look_at_tables)
    recorder.record_unapplied("gz_kernel", "0999_from_tomorrow")
    last = sorted(name for app, name in recorder.applied_migrations() if app == "gz_kernel")[-1]
    recorder.record_unapplied("gz_kernel", last)
    assert f"gz_kernel.{last}" in said_of(database.look_at_tables)
    assert "gongzhi upgrade" in said_of(database.look_at_tables)


def test_no_tables_at_all_are_made_by_init(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database.schema, "has_tables", lambda: False)
    assert said_of(database.look_at_tables) == "There are none yet. gongzhi init"


# -- reading -----------------------------------------------------------------------------------------------


def test_a_fault_in_a_pack_is_named_with_its_line(cast: Cast, packs: Path) -> None:
    assert status_of(reading.look_at_packs) is Status.GOOD
    with (packs / "base" / "categories.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[category]]\nkey = "roads.bridges"\nparent = "rivers"\n')
    loader.scenario_for.cache_clear()
    said = said_of(reading.look_at_packs)
    assert "base/categories.toml [roads.bridges]" in said
    assert "rivers" in said


def test_of_many_faults_the_first_ten_are_named(cast: Cast, packs: Path) -> None:
    entries = [f'\n[[category]]\nkey = "roads.r{n}"\nparent = "rivers"\n' for n in range(20)]
    with (packs / "base" / "categories.toml").open("a", encoding="utf-8") as file:
        file.write("".join(entries))
    found = list(reading.look_at_packs(NOW))
    assert len(found) == 11
    assert found[-1].said.endswith("more.")


@pytest.mark.django_db
def test_packs_are_looked_at_before_there_is_an_office(packs: Path, settings: Any) -> None:
    assert "base" in said_of(reading.look_at_packs)
    settings.PACKS_ROOT = packs / "nowhere"
    assert "There are no packs" in said_of(reading.look_at_packs)


def test_every_model_that_reads_is_opened_and_its_age_said(
    cast: Cast, base_model: ModelVersion, settings: Any
) -> None:
    said = said_of(reading.look_at_models, base_model.created_at + timedelta(days=40))
    assert said.strip() == "The base model opens. It is 40 days old."
    own = ModelVersion.objects.create(
        jurisdiction=cast.office, version="river-1", folder="river-1", active=True, created_at=MONDAY
    )
    found = list(reading.look_at_models(NOW))
    assert [f.status for f in found] == [Status.GOOD, Status.BROKEN]
    assert "gongzhi train --office river --force" in found[1].mend
    shutil.copytree(settings.MODELS_ROOT / base_model.folder, settings.MODELS_ROOT / own.folder)
    assert status_of(reading.look_at_models) is Status.GOOD
    (settings.MODELS_ROOT / base_model.folder / "weights.npy").write_bytes(b"no array")
    assert status_of(reading.look_at_models) is Status.BROKEN


@pytest.mark.django_db
def test_no_model_at_all_is_broken(packs: Path) -> None:
    assert "gongzhi train" in said_of(reading.look_at_models)


# -- as a command ------------------------------------------------------------------------------------------


def test_the_exit_code_is_that_of_the_worst(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for status, code in ((Status.GOOD, 0), (Status.LOOK, 1), (Status.BROKEN, 2)):
        found = [Finding("One", Status.GOOD, "Well."), Finding("Two", status, "So.", "Do this.")]
        monkeypatch.setattr("gongzhi.site.doctor.command.examine", lambda _now, found=found: found)
        ran = CliRunner().invoke(cli.main, ["doctor"])
        assert ran.exit_code == code
        assert "→ Do this." in ran.output
        said = CliRunner().invoke(cli.main, ["doctor", "--json"])
        assert said.exit_code == code
        assert json.loads(said.output)["status"] == status.value
        assert json.loads(said.output)["findings"][1] == {
            "check": "Two", "status": status.value, "said": "So.", "mend": "Do this.",
        }  # fmt: skip


def test_the_command_tells_of_a_database_that_is_not_there_and_not_how_to_get_in(tmp_path: Path) -> None:
    gone = Installation(tmp_path / "data", url="postgres://someone:pass-word@127.0.0.1:1/x").run(
        "doctor", "--json"
    )
    assert gone.returncode == 2
    first = json.loads(gone.stdout)["findings"][0]
    assert (first["check"], first["status"]) == ("Database", "broken")
    assert "pass-word" not in gone.stdout + gone.stderr


def test_a_wrong_setting_ends_with_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGZHI_LOG_FORMAT", "xml")
    ended = Installation(tmp_path).run("doctor")
    assert ended.returncode == 2
    assert ended.stderr == "A setting is wrong. GONGZHI_LOG_FORMAT must be one of plain, json, not 'xml'.\n"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (119, "119 seconds"),
        (120, "2 minutes"),
        (3 * 3600, "3 hours"),
        (86400 * 12, "12 days"),
    ],
)
def test_a_length_of_time_is_said_in_words(seconds: int, words: str) -> None:
    assert span(timedelta(seconds=seconds)) == words
