"""The process that sends is killed at every moment: the letter arrives, and never more than twice under one number."""

import json
import os
import select
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection

from gongzhi.apps.channels import messages
from gongzhi.apps.channels.models import Message
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.places import public as places
from gongzhi.kernel import clock
from tests.cast import Cast, make_cast
from tests.mail.conftest import SITE
from tests.mail.post_office import PostOffice
from tests.mail.story import MARCIA, answer, row, send, told

SCRIPT = Path(__file__).with_name("sender_to_kill.py")
PATIENCE = 60.0


def _database() -> dict[str, Any]:
    keys = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    return {key: connection.settings_dict[key] for key in keys}


def start(office: PostOffice, stop_before: int = 0) -> subprocess.Popen[bytes]:
    """The sending process."""
    values = {"database": _database(), "stop_before": stop_before}
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), json.dumps(values, default=str)],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "GONGZHI_SMTP_URL": f"smtp://127.0.0.1:{office.port}",
            "GONGZHI_MAIL_FROM": "answers@gongzhi.example.org",
            "GONGZHI_SITE_URL": SITE,
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def word_of(process: subprocess.Popen[bytes]) -> str:
    """The next word of the process, "" where it has ended without one."""
    assert process.stdout
    ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
    assert ready, "the process said nothing"
    return process.stdout.readline().decode().strip()


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait(PATIENCE)
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """The office in the real present: the other process has no other clock."""
    places.forget_kept()
    dispatch.forget_lines()
    return make_cast()


@pytest.fixture
def due(cast: Cast, office: PostOffice) -> PostOffice:
    """An answer that waits to be sent, at whatever hour."""
    case, _ = told(cast)
    answer(cast, case)
    Message.objects.update(urgent=True, next_try_at=clock.now() - timedelta(minutes=1))
    return office


def after_the_lease() -> datetime:
    return clock.now() + messages.LEASE + timedelta(minutes=5)


def send_after_the_lease() -> None:
    with time_machine.travel(after_the_lease(), tick=False):
        send()
    with time_machine.travel(after_the_lease() + timedelta(minutes=5), tick=False):
        send()


def message_ids(office: PostOffice) -> set[str]:
    return {str(letter["Message-ID"]) for letter in office.letters()}


# 1: the claim, 2: the lease begun anew, 3: the mark before it leaves, 4: the note that it was taken.
@pytest.mark.parametrize(("stop_before", "copies"), [(1, 1), (2, 1), (3, 1), (4, 2)])
def test_killed_before_each_write_the_letter_arrives(due: PostOffice, stop_before: int, copies: int) -> None:
    process = start(due, stop_before)
    try:
        assert word_of(process) == "running"
        process.send_signal(signal.SIGKILL)
        assert process.wait(PATIENCE) == -signal.SIGKILL
    finally:
        end(process)
    send_after_the_lease()
    assert row().state == "sent"
    assert due.recipients() == [MARCIA] * copies
    assert len(message_ids(due)) == 1


def test_killed_when_the_server_has_it_but_has_not_said_so_it_is_sent_once_more_under_the_same_number(
    due: PostOffice,
) -> None:
    process = start(due)
    due.then = lambda _server: process.send_signal(signal.SIGKILL)
    try:
        assert word_of(process) == ""
        assert process.wait(PATIENCE) == -signal.SIGKILL
    finally:
        end(process)
    due.then = lambda _server: None
    message = row()
    assert (message.state, message.handed_at is not None) == ("sending", True)
    assert send().tried == 0, "the lease still holds"
    send_after_the_lease()
    assert row().state == "sent"
    assert len(due.taken) == 2
    assert len(message_ids(due)) == 1


def test_killed_twice_in_that_moment_it_is_not_sent_a_third_time(due: PostOffice) -> None:
    for _ in range(2):
        process = start(due)
        due.then = process_killer(process)
        try:
            assert word_of(process) == ""
            assert process.wait(PATIENCE) == -signal.SIGKILL
        finally:
            end(process)
        messages.reclaim(at=after_the_lease())
        Message.objects.update(next_try_at=clock.now() - timedelta(minutes=1))
    due.then = lambda _server: None
    assert (row().state, row().last_error) == ("failed", "OutcomeUnknown")
    send_after_the_lease()
    assert len(due.taken) == 2
    assert len(message_ids(due)) == 1


def process_killer(process: subprocess.Popen[bytes]) -> Any:
    return lambda _server: process.send_signal(signal.SIGKILL)


def test_a_process_that_nobody_kills_sends_it_once(due: PostOffice) -> None:
    process = start(due)
    try:
        assert word_of(process) == "ended"
    finally:
        end(process)
    assert (row().state, due.recipients()) == ("sent", [MARCIA])
    send_after_the_lease()
    assert len(due.taken) == 1
