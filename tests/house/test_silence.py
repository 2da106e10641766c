"""What people say and how to reach them stays out of every log line, also when something breaks."""

import io
import logging
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.utils.module_loading import import_string

from gongzhi.apps.channels.public import Contact, Report
from gongzhi.kernel import clock, events, worker
from gongzhi.kernel.events import Handler
from gongzhi.kernel.models import OutboxJob
from gongzhi.kernel.silence import SilentFormatter
from gongzhi.site.pages.resident import views
from tests.cast import Cast

NAME, PHONE, EMAIL, WORDS = "Marcia Marked", "13900001234", "jia.marked@example.org", "三号楼的标记老人摔倒了"
MARKS = (NAME, PHONE, EMAIL, WORDS)


@pytest.fixture
def log(capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """All that is logged as the settings say, on the lowest level that an operator may choose, and all printed.

    The statements of the database are left out: they are for debugging, and nobody sees them unless asked for.
    """
    root, statements = logging.getLogger(), logging.getLogger("django.db.backends")
    handlers = [h for h in root.handlers if isinstance(h.formatter, SilentFormatter)]
    assert handlers, "the settings give the root logger a handler with the SilentFormatter"
    levels, lines = (root.level, statements.level), io.StringIO()
    root.setLevel(logging.DEBUG)
    statements.setLevel(logging.WARNING)
    streams = [handler.setStream(lines) for handler in handlers if isinstance(handler, logging.StreamHandler)]
    yield lambda: "".join([lines.getvalue(), *capfd.readouterr()])
    for handler, stream in zip(handlers, streams, strict=True):
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(stream)
    root.setLevel(levels[0])
    statements.setLevel(levels[1])


def _file(client: Client, cast: Cast) -> Any:
    """A resident files the marked report by the form."""
    address = f"/{cast.office.code}/say/"
    token = client.get(address).context["form_token"]
    values = {
        "form_token": token,
        "text": WORDS,
        "place_words": "三号楼",
        "contact_name": NAME,
        "contact_phone": PHONE,
        "contact_email": EMAIL,
    }
    return client.post(address, values)


def _assert_silent(lines: str) -> None:
    told = [mark for mark in MARKS if mark in lines]
    assert not told, (
        f"{told} was logged. Log what kind of thing happened and the number of the row; "
        f"for an error write safe_words(error)."
    )


def test_filing_and_handling_a_report_say_nothing_of_it(cast: Cast, log: Callable[[], str]) -> None:
    assert _file(Client(), cast).status_code == 302
    assert Contact.objects.get().phone == PHONE
    assert worker.drain() > 0
    _assert_silent(log())


def test_a_job_that_fails_names_the_error_and_not_what_it_was_about(
    cast: Cast,
    log: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(payload: dict[str, Any], event_id: uuid.UUID) -> None:
        report = Report.objects.get()
        try:
            raise KeyError(report.contact.name)
        except KeyError as error:
            raise ValueError(f"cannot read {report.text}, call {report.contact.phone}") from error

    _file(Client(), cast)
    worker.drain()
    monkeypatch.setitem(events._handlers, "house.fails", Handler("house.fails", fails, in_transaction=True))
    OutboxJob.objects.create(
        event_id=uuid.uuid4(), handler="house.fails", run_after=clock.now(), created_at=clock.now()
    )
    worker.drain()
    job = OutboxJob.objects.get(handler="house.fails")
    assert job.last_error.startswith("ValueError at fails")
    assert not [mark for mark in MARKS if mark in job.last_error]
    lines = log()
    assert "house.fails" in lines
    _assert_silent(lines)


def test_a_page_that_breaks_names_the_place_and_not_what_it_was_about(
    cast: Cast,
    log: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def breaks(*_args: object) -> None:
        raise ValueError(f"{NAME} {PHONE} {EMAIL} {WORDS}")

    monkeypatch.setattr(views, "usual_times", breaks)
    answer = Client(raise_request_exception=False).get(f"/{cast.office.code}/")
    assert answer.status_code == 500
    assert not [mark for mark in MARKS if mark in answer.content.decode()]
    lines = log()
    assert "ValueError at breaks" in lines
    _assert_silent(lines)


def test_a_refused_form_says_nothing_of_what_was_typed(cast: Cast, log: Callable[[], str]) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert (
        strict.post(f"/{cast.office.code}/say/", {"text": WORDS, "contact_phone": PHONE}).status_code == 403
    )
    assert strict.post("/sign-in/", {"username": NAME, "password": PHONE}).status_code == 403
    wrong = Client().post("/sign-in/", {"username": NAME, "password": PHONE})
    assert wrong.status_code == 200
    _assert_silent(log())


def test_an_error_of_the_database_is_logged_without_the_row_it_quotes() -> None:
    cause = IntegrityError(f"DETAIL: Key (phone)=({PHONE}) already exists.")
    try:
        raise RuntimeError(f"cannot store {NAME}") from cause
    except RuntimeError as error:
        record = logging.LogRecord("house", logging.ERROR, "", 0, "broken", None, (RuntimeError, error, None))
    said = SilentFormatter("%(message)s").format(record)
    assert said.splitlines()[0] == "broken"
    assert "IntegrityError" in said
    assert "RuntimeError" in said
    assert not [mark for mark in MARKS if mark in said]


def test_statements_of_the_database_are_not_logged_unless_somebody_asks() -> None:
    from django.conf import settings

    assert settings.DEBUG is False
    assert connection.force_debug_cursor is False
    for handler in settings.LOGGING["handlers"].values():
        formatter = import_string(settings.LOGGING["formatters"][handler["formatter"]]["class"])
        assert issubclass(formatter, SilentFormatter)
        assert "trail" in handler["filters"]
    for formatter in settings.LOGGING["formatters"].values():
        assert issubclass(import_string(formatter["class"]), SilentFormatter)
