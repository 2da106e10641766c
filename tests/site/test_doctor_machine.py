"""The doctor on the machine, the work behind the pages, and who can reach the site."""

import os
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import transaction

from gongzhi.apps.actors.public import SYSTEM, User
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places import public as places
from gongzhi.kernel import keys, outbox, pulse
from gongzhi.kernel.models import OutboxJob, OutboxState, WorkerPulse
from gongzhi.site import cli
from gongzhi.site.doctor import machine, safety, work
from gongzhi.site.doctor.findings import Status
from tests.apps.understanding.conftest import base_model, packs
from tests.cast import MONDAY, Cast
from tests.site.examined import NOW, cast, demo_only, folder, job, said_of, status_of

__all__ = ["base_model", "cast", "folder", "packs"]


def test_a_clock_that_stands_before_the_newest_entry_is_broken(cast: Cast) -> None:
    assert status_of(machine.look_at_clock) is Status.GOOD
    assert status_of(machine.look_at_clock, MONDAY - timedelta(hours=1)) is Status.BROKEN
    assert "It says 1970" in said_of(machine.look_at_clock, datetime(1970, 1, 1, tzinfo=UTC))


def test_a_zone_without_data_is_broken(cast: Cast) -> None:
    assert status_of(machine.look_at_zones) is Status.GOOD
    cast.office.zone = "Asia/Nowhere"
    cast.office.save()
    places.forget_kept()
    assert "Asia/Nowhere" in said_of(machine.look_at_zones)


@pytest.mark.django_db
@pytest.mark.parametrize(("free", "status"), [(100, "broken"), (800, "look at this"), (5000, "good")])
def test_little_room_is_said_before_it_is_gone(
    free: int, status: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(folder)._replace(free=free * machine.MIB)
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _folder: usage)
    assert status_of(machine.look_at_disk) == status


def test_the_data_folder_is_its_owners_alone(
    folder: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert status_of(machine.look_at_folder) is Status.GOOD
    folder.chmod(0o755)
    assert f"chmod 700 {folder}" in said_of(machine.look_at_folder)
    monkeypatch.setattr(machine.os, "geteuid", lambda: os.getuid() + 1)
    assert "sudo -u" in said_of(machine.look_at_folder)
    settings.DATA_ROOT = folder / "nowhere"
    assert status_of(machine.look_at_folder) is Status.BROKEN


def test_keys_that_others_can_read_or_guess_are_broken(folder: Path, settings: Any) -> None:
    assert status_of(machine.look_at_keys) is Status.GOOD
    (folder / keys.SECRET).chmod(0o644)
    assert "chmod 600" in said_of(machine.look_at_keys)
    (folder / keys.SECRET).chmod(0o600)
    for weak in ("short", "a" * 50, "change-me-" * 5, "django-insecure-0123456789abcdefghijklmnop"):
        settings.SECRET_KEY = weak
        assert "gongzhi keys rotate" in said_of(machine.look_at_keys)


def test_static_files_of_an_older_program_are_broken(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from whitenoise.storage import CompressedManifestStaticFilesStorage

    settings.STATIC_ROOT = tmp_path / "static"
    storage = CompressedManifestStaticFilesStorage(location=str(tmp_path / "static"), base_url="/static/")
    monkeypatch.setattr(machine, "staticfiles_storage", storage)
    assert "when it starts" in said_of(machine.look_at_static)
    (tmp_path / "static").mkdir()
    manifest = tmp_path / "static" / storage.manifest_name
    manifest.write_text("{}")
    assert status_of(machine.look_at_static) is Status.BROKEN
    found = {name: name for finder in machine.finders.get_finders() for name, _storage in finder.list([])}
    storage.hashed_files = found
    os.utime(manifest, (time.time() + 1000,) * 2)
    assert status_of(machine.look_at_static) is Status.GOOD


# -- work --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_worker_is_alive_while_it_signs() -> None:
    assert status_of(work.look_at_worker) is Status.LOOK
    pulse.beat("one", NOW, NOW)
    assert said_of(work.look_at_worker).strip() == "1 worker alive."
    late = NOW + timedelta(minutes=40)
    assert "seen 40 minutes ago" in said_of(work.look_at_worker, late)
    job("x", OutboxState.READY, NOW)
    assert status_of(work.look_at_worker, late) is Status.BROKEN
    pulse.end("one")
    assert WorkerPulse.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "status"), [(1, "good"), (10, "look at this"), (90, "broken")])
def test_how_long_jobs_wait_is_judged(minutes: int, status: str) -> None:
    job("x", OutboxState.READY, NOW - timedelta(minutes=minutes))
    assert status_of(work.look_at_queue) == status


@pytest.mark.django_db
def test_failed_jobs_are_counted_by_handler_and_can_be_given_again() -> None:
    for n in range(3):
        job("journeys.read", OutboxState.FAILED, NOW, f"ValueError at reads:{n}")
    job("journeys.tell", OutboxState.FAILED, NOW)
    found = list(work.look_at_failed(NOW))
    assert found[0].said == "3 jobs of journeys.read gave up. The newest: ValueError at reads:2"
    assert found[0].mend.endswith("gongzhi retry --handler journeys.read")
    runner = CliRunner()
    assert "3 jobs" in runner.invoke(cli.main, ["retry", "--handler", "journeys.read"]).output
    assert OutboxJob.objects.get(handler="journeys.tell").state == OutboxState.FAILED
    assert "1 job is" in runner.invoke(cli.main, ["retry"]).output
    assert "No such job" in runner.invoke(cli.main, ["retry"]).output
    assert {job.state for job in OutboxJob.objects.all()} == {OutboxState.READY}
    assert outbox.MAX_ATTEMPTS == 8


def test_entries_without_number_are_well_while_a_worker_runs(cast: Cast) -> None:
    assert status_of(work.look_at_ledger) is Status.LOOK
    pulse.beat("one", NOW, NOW)
    assert status_of(work.look_at_ledger) is Status.GOOD
    ledger.sequence(NOW)
    assert "Every entry is numbered." in said_of(work.look_at_ledger)


def test_a_real_office_wants_back_ups(cast: Cast) -> None:
    assert status_of(work.look_at_backup) is Status.LOOK
    with transaction.atomic():
        ledger.record(
            tree=work.BACKUP_TREE, kind=work.BACKUP_KIND, subject="backup:x", by=SYSTEM.ref, at=MONDAY
        )
    assert said_of(work.look_at_backup).strip() == "The newest is 2 hours old."
    assert status_of(work.look_at_backup, MONDAY + timedelta(days=9)) is Status.LOOK


def test_a_demonstration_needs_no_back_up(cast: Cast) -> None:
    demo_only(cast)
    assert status_of(work.look_at_backup) is Status.GOOD


# -- safety ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hosts", "https", "demo", "status"), [
    ([], False, True, Status.GOOD),
    ([], False, False, Status.LOOK),
    ([], True, False, Status.LOOK),
    (["localhost"], False, False, Status.LOOK),
    (["gongzhi.example.org"], True, False, Status.GOOD),
    (["gongzhi.example.org"], False, False, Status.BROKEN),
    (["gongzhi.example.org"], False, True, Status.LOOK),
    (["*"], True, False, Status.BROKEN),
])  # fmt: skip
def test_names_and_encryption_suit_what_the_installation_is_for(
    hosts: list[str], https: bool, demo: bool, status: Status, cast: Cast, settings: Any
) -> None:
    settings.HOSTS, settings.HTTPS = hosts, https
    if demo:
        demo_only(cast)
    assert status_of(safety.look_at_address) is status
    assert said_of(safety.look_at_address)


def test_debugging_beside_a_real_office_is_broken(cast: Cast, settings: Any) -> None:
    settings.HOSTS, settings.HTTPS, settings.DEBUG = ["gongzhi.example.org"], True, True
    assert status_of(safety.look_at_address) is Status.BROKEN
    demo_only(cast)
    assert status_of(safety.look_at_address) is Status.LOOK


def test_demo_accounts_beside_a_real_office_are_broken(cast: Cast) -> None:
    assert status_of(safety.look_at_demo) is Status.GOOD
    User.objects.filter(pk=cast.handler.pk).update(is_demo=True)
    assert "1 account" in said_of(safety.look_at_demo)
    assert status_of(safety.look_at_demo) is Status.BROKEN
    demo_only(cast)
    assert status_of(safety.look_at_demo) is Status.GOOD


def test_mail_is_looked_at_where_it_is_set_up(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(safety.look_at_mail(NOW)) == []
    settings.GONGZHI_SMTP_URL, settings.GONGZHI_MAIL_FROM = "smtp://127.0.0.1:1", "answers@example.org"
    assert status_of(safety.look_at_mail) is Status.BROKEN
    assert "ConnectionRefusedError" in said_of(safety.look_at_mail)
    monkeypatch.setattr(safety.email, "check_server", lambda *_words: None)
    assert status_of(safety.look_at_mail) is Status.GOOD
