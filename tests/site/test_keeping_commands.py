"""The commands for keys, erasing and retention: what they say and what they refuse."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
import time_machine
from click.testing import CliRunner, Result

from gongzhi.apps.channels.public import Report
from gongzhi.kernel import keys as key_files
from gongzhi.site.keeping import commands
from tests.cast import MONDAY, Cast, make_cast, say


@pytest.fixture(autouse=True)
def data(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with its keys."""
    monkeypatch.delenv("GONGZHI_SECRET_KEY", raising=False)
    settings.DATA_ROOT, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    settings.SECRET_KEY = key_files.read_or_make(tmp_path / key_files.SECRET)
    settings.SECRET_KEY_FALLBACKS = []
    settings.CODE_KEYS = key_files.code_keys(tmp_path, settings.SECRET_KEY)
    return tmp_path


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def run(command: click.Command, *words: str) -> Result:
    return CliRunner().invoke(command, words)


def test_keys_are_named_and_never_shown(data: Path, settings: Any) -> None:
    settings.SECRET_KEY_FALLBACKS = ["a former key"]
    said = run(commands.keys, "show").output
    assert key_files.fingerprint(settings.SECRET_KEY) in said
    assert key_files.fingerprint("a former key") in said
    assert settings.SECRET_KEY not in said
    assert settings.CODE_KEYS[0] not in said


def test_a_rotation_keeps_the_former_key_and_says_what_to_restart(data: Path, settings: Any) -> None:
    done = run(commands.keys, "rotate")
    assert done.exit_code == 0
    assert "systemctl restart gongzhi-web gongzhi-worker" in done.output
    assert key_files.older_keys(data / key_files.SECRET) == [settings.SECRET_KEY]
    run(commands.keys, "rotate", "--codes")
    assert key_files.older_keys(data / key_files.CODES) == settings.CODE_KEYS
    run(commands.keys, "rotate", "--leaked")
    assert key_files.older_keys(data / key_files.SECRET) == []


def test_a_key_of_the_environment_is_changed_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGZHI_SECRET_KEY", "x" * 40)
    done = run(commands.keys, "rotate")
    assert done.exit_code == 2
    assert "secret_key.old" in done.output
    assert run(commands.keys, "rotate", "--codes").exit_code == 0


def test_the_former_key_of_codes_can_not_be_dropped() -> None:
    assert run(commands.keys, "rotate", "--codes", "--leaked").exit_code == 2


def test_the_check_ends_with_one_where_something_is_wrong(data: Path) -> None:
    assert run(commands.keys, "check").exit_code == 0
    (data / key_files.CODES).chmod(0o644)
    done = run(commands.keys, "check")
    assert (done.exit_code, "Others can read code_key." in done.output) == (1, True)


@pytest.mark.django_db(transaction=True)
def test_a_report_is_erased_by_its_number_or_its_code_after_asking(cast: Cast) -> None:
    report, code = say(cast)
    office = ("--office", cast.office.code, "--why", "she asked")
    assert run(commands.erase, *office).exit_code == 2
    assert run(commands.erase, *office, "--report-number", str(report.pk), "--code", code).exit_code == 2
    assert run(commands.erase, *office, "--report-number", "99999").exit_code == 2
    assert "Known: river" in run(commands.erase, "--office", "x", "--why", "y", "--code", code).output
    refused = CliRunner().invoke(commands.erase, [*office, "--code", code], input="n\n")
    assert refused.exit_code == 1
    assert Report.objects.get(pk=report.pk).text
    done = run(commands.erase, *office, "--report-number", str(report.pk), "--yes")
    assert "The report is erased." in done.output
    assert Report.objects.get(pk=report.pk).text == ""
    assert "was erased before" in run(commands.erase, *office, "--code", code, "--yes").output


@pytest.mark.django_db(transaction=True)
def test_a_dry_run_says_what_is_due_and_touches_nothing(cast: Cast) -> None:
    from django.contrib.sessions.models import Session

    Session.objects.create(session_key="a" * 32, session_data="", expire_date=MONDAY)
    with time_machine.travel(MONDAY + timedelta(days=1)):
        said = run(commands.retention, "--dry-run").output
        assert "1 sessions.Session (until it ends)" in said
        assert Session.objects.count() == 1
        assert "The ledger has the proof." in run(commands.retention).output
    assert not Session.objects.exists()
