"""Log lines: one for each request, with its number; jobs carry it on; nothing that a person said, wrote or is."""

import io
import json
import logging
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils.module_loading import import_string

from gongzhi.apps.cases.models import Case
from gongzhi.apps.channels.public import Contact, Report, ReportReceived
from gongzhi.apps.dispatch.models import Task
from gongzhi.kernel import clock, events, trace, worker
from gongzhi.kernel.events import Handler
from gongzhi.kernel.loglines import Trail
from gongzhi.kernel.models import OutboxJob
from gongzhi.kernel.silence import quiet_end
from gongzhi.site.pages.resident import views
from gongzhi.site.watching.requests import request_number
from tests.cast import Cast
from tests.house.conftest import House, cast, house

__all__ = ["cast", "house"]
NUMBER = "0af7651916cd43dd8448eb211c80319c"
NAME, PHONE, EMAIL, WORDS = "Marcia Marked", "13900001234", "jia.marked@example.org", "三号楼的标记老人摔倒了"
NOTE, ADDRESS, BROWSER = "标记的便条", "203.0.113.77", "MarkedBrowser/7"
MARKS = (NAME, PHONE, EMAIL, WORDS, NOTE, ADDRESS, BROWSER, "标记", "%E6%A0%87", "Marked", "\\u6807")


class Log:
    """What is logged as the settings say, on the lowest level that an operator may choose."""

    def __init__(self, lines: io.StringIO, printed: Callable[[], Any]) -> None:
        self._lines, self._printed = lines, printed

    def text(self) -> str:
        """All that was logged and printed."""
        return "".join([self._lines.getvalue(), *self._printed()])

    def lines(self, logger: str = "") -> list[dict[str, Any]]:
        """The lines of a logger and those below it, read as JSON."""
        found = [json.loads(line) for line in self._lines.getvalue().splitlines()]
        return [line for line in found if line["logger"].startswith(logger)]


def _log(form: str, printed: Callable[[], Any]) -> Iterator[Log]:
    about, stream = django_settings.LOGGING["formatters"][form], io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(import_string(about["class"])(about.get("format")))
    handler.addFilter(Trail())
    root, statements = logging.getLogger(), logging.getLogger("django.db.backends")
    levels = root.level, statements.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    statements.setLevel(logging.WARNING)  # statements are seen by nobody unless asked for
    yield Log(stream, printed)
    root.removeHandler(handler)
    root.setLevel(levels[0])
    statements.setLevel(levels[1])


@pytest.fixture
def log(capfd: pytest.CaptureFixture[str]) -> Iterator[Log]:
    """Lines as JSON."""
    yield from _log("json", capfd.readouterr)


@pytest.fixture(params=["plain", "json"])
def any_log(request: pytest.FixtureRequest, capfd: pytest.CaptureFixture[str]) -> Iterator[Log]:
    """Lines in either form."""
    yield from _log(request.param, capfd.readouterr)


# -- one line for each request -----------------------------------------------------------------------------


@pytest.mark.parametrize("given", [NUMBER, str(uuid.UUID(NUMBER)), NUMBER.upper()])
def test_the_number_of_a_proxy_is_kept_where_it_is_well_formed(given: str) -> None:
    assert request_number(given) == given.lower()
    answer = Client().get("/healthz", headers={"x-request-id": given})
    assert answer["X-Request-ID"] == given.lower()


@pytest.mark.parametrize(
    "given",
    ["", "1", PHONE, "440106199001011234", NUMBER + "\n", NUMBER + "0", "标" * 32, "x" * 32, f'{NUMBER}"}}'],
)
def test_any_other_number_is_replaced_by_a_new_one(given: str) -> None:
    assert re.fullmatch("[0-9a-f]{32}", request_number(given))
    assert request_number(given) != request_number(given)


def test_a_request_leaves_one_line_that_says_page_status_time_office_and_actor(
    house: House, log: Log
) -> None:
    client = Client(headers={"x-request-id": NUMBER, "user-agent": BROWSER}, REMOTE_ADDR=ADDRESS)
    client.force_login(house.cast.coordinator)
    client.get("/river/desk/cases/", {"words": WORDS})
    (line,) = log.lines("gongzhi.requests")
    milliseconds = line.pop("ms")
    assert milliseconds >= 0
    assert line.pop("at").endswith("+00:00")
    assert line.pop("message").startswith("view=case_list method=GET status=200 ms=")
    assert line == {
        "level": "info", "logger": "gongzhi.requests", "request": NUMBER, "view": "case_list", "method": "GET",
        "status": 200, "office": "river", "actor": house.cast.actor(house.cast.coordinator).ref,
    }  # fmt: skip
    assert [mark for mark in MARKS if mark in log.text()] == []


def test_a_page_before_anybody_is_known_names_nobody(cast: Cast, log: Log) -> None:
    Client().get("/")
    Client().get("/river/")
    start, home = log.lines("gongzhi.requests")
    assert "actor" not in start
    assert (home["actor"], home["office"]) == ("resident", "river")


def test_probes_and_files_leave_no_line_unless_somebody_debugs(cast: Cast, log: Log) -> None:
    Client().get("/healthz")
    Client().get("/static/none.css")
    probe, lost = log.lines("gongzhi.requests")
    assert (probe["view"], probe["level"]) == ("healthz", "debug")
    assert (lost["view"], lost["level"], lost["status"]) == ("static", "info", 404)


@pytest.mark.parametrize("path", [f"/nowhere/{WORDS}/", f"/river/desk/cases/{PHONE}/", f"/{NAME}/"])
def test_an_address_that_leads_nowhere_is_not_written_down(path: str, house: House, log: Log) -> None:
    client = Client(headers={"x-request-id": NUMBER})
    client.force_login(house.cast.coordinator)
    assert client.get(path).status_code == 404
    (line,) = log.lines("django.request")
    assert line["message"] in {"Not Found (unknown)", "Not Found (case)", "Not Found (home)"}
    assert line["request"] == NUMBER
    assert [mark for mark in MARKS if mark in log.text()] == []


def test_a_refused_form_says_why_and_of_the_address_only_the_machine(cast: Cast, log: Log) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"x-request-id": NUMBER})
    strict.post("/river/say/", {"text": WORDS})
    strict.post("/river/say/", {"text": WORDS}, headers={"origin": "https://evil.example"})
    referer = f"https://evil.example/find?who={PHONE}"
    strict.post("/river/say/", {"text": WORDS}, secure=True, headers={"referer": referer})
    first, second, third = log.lines("django.security.csrf")
    assert first["message"] == "Forbidden (say): CSRF cookie not set."
    assert "https://evil.example does not match" in second["message"]
    assert "https://evil.example does not match" in third["message"]
    assert {line["request"] for line in (first, second, third)} == {NUMBER}
    assert [mark for mark in MARKS if mark in log.text()] == []


def test_a_name_that_is_not_ours_is_not_written_down(log: Log) -> None:
    Client(raise_request_exception=False).get("/", headers={"host": "marked.example"})
    line = next(line for line in log.lines("django.security"))
    assert line["logger"] == "django.security.DisallowedHost"
    assert "marked.example" not in log.text()


def test_a_page_that_breaks_names_the_place_with_the_number_of_the_request(
    cast: Cast, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_args: object) -> None:
        raise ValueError(f"{NAME} {PHONE} {EMAIL} {WORDS}")

    monkeypatch.setattr(views, "usual_times", breaks)
    client = Client(raise_request_exception=False, headers={"x-request-id": NUMBER})
    answer = client.get("/river/", {"q": WORDS})
    assert (answer.status_code, answer["X-Request-ID"]) == (500, NUMBER)
    (line,) = [line for line in log.lines() if "error" in line]
    assert line["message"] == "Internal Server Error (home)"
    assert "ValueError at breaks" in line["error"]
    assert line["request"] == NUMBER
    assert [mark for mark in MARKS if mark in log.text()] == []


# -- jobs --------------------------------------------------------------------------------------------------


@pytest.fixture
def talking(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler that says something, one that fails, and one that takes jobs together."""

    def talks(payload: dict[str, Any], event_id: uuid.UUID) -> None:
        logging.getLogger("house").warning("handled")

    def fails(payload: dict[str, Any], event_id: uuid.UUID) -> None:
        raise ValueError(f"{NAME} {PHONE}")

    def together(jobs: Any) -> None:
        logging.getLogger("house").warning("handled together")

    for handler in (
        Handler("house.talks", talks, in_transaction=True),
        Handler("house.fails", fails, in_transaction=False),
        Handler("house.together", talks, in_transaction=True, run_many=together),
    ):
        monkeypatch.setitem(events._handlers, handler.name, handler)


def _job(handler: str, request: str = "") -> OutboxJob:
    now = clock.now()
    return OutboxJob.objects.create(
        event_id=uuid.uuid4(), handler=handler, run_after=now, created_at=now, request=request
    )


@pytest.mark.django_db(transaction=True)
def test_lines_of_a_job_name_the_job_and_the_request_it_came_from(talking: None, log: Log) -> None:
    job, other = _job("house.talks", NUMBER), _job("house.fails", NUMBER)
    worker.run_once()
    worker.run_once()
    (said,) = log.lines("house")
    assert (said["job"], said["handler"], said["request"]) == (str(job.pk), "house.talks", NUMBER)
    (failed,) = [line for line in log.lines("gongzhi.kernel.worker") if line["level"] == "error"]
    assert (failed["job"], failed["handler"], failed["request"]) == (str(other.pk), "house.fails", NUMBER)
    assert "ValueError at fails" in failed["message"]
    assert trace.trail() == {}
    assert [mark for mark in MARKS if mark in log.text()] == []


@pytest.mark.django_db(transaction=True)
def test_jobs_that_run_together_name_the_first_and_how_many_more(talking: None, log: Log) -> None:
    first = _job("house.together", NUMBER)
    _job("house.together", str(uuid.uuid4()))
    _job("house.together")
    worker.run_once()
    (said,) = log.lines("house")
    assert (said["job"], said["handler"]) == (f"{first.pk}+2", "house.together")
    assert "request" not in said


def test_what_a_request_sets_going_keeps_its_number_however_far(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    _file(Client(headers={"x-request-id": NUMBER}))
    kept = OutboxJob.objects.filter(payload__event=ReportReceived.name)
    assert set(kept.values_list("request", flat=True)) == {NUMBER}
    event = events.Event.from_json(kept[0].payload)

    def tells(payload: dict[str, Any], event_id: uuid.UUID) -> None:
        events.publish(event)

    kept.delete()
    monkeypatch.setitem(events._handlers, "house.tells", Handler("house.tells", tells, in_transaction=True))
    _job("house.tells", NUMBER)
    worker.run_once()
    assert set(kept.values_list("request", flat=True)) == {NUMBER}


# -- the whole story ---------------------------------------------------------------------------------------


def _file(client: Client) -> Any:
    """A resident files the marked report by the form."""
    token = client.get("/river/say/").context["form_token"]
    values = {
        "form_token": token, "text": WORDS, "place_words": "标记三号楼", "lon": "120.03", "lat": "30.01",
        "contact_name": NAME, "contact_phone": PHONE, "contact_email": EMAIL,
    }  # fmt: skip
    return client.post("/river/say/", values)


def _staff(user: Any) -> Client:
    client = Client(raise_request_exception=False, headers={"user-agent": BROWSER}, REMOTE_ADDR=ADDRESS)
    client.force_login(user)
    return client


def _coordinate(cast: Cast, case: Case) -> None:
    """The coordinator looks for the case, opens it, writes about it, and says which category it is."""
    client = _staff(cast.coordinator)
    for path in ("/river/desk/", f"/river/desk/cases/{case.number}/", "/river/near/", "/river/figures/"):
        client.get(path)
    client.get("/river/desk/cases/", {"words": NAME, "phone": PHONE})
    client.post("/river/say/danger/", {"text": f"{WORDS}，煤气味"})
    for action in ("note", "category", "unit", "answer", "nonsense"):
        values = {"text": NOTE, "reason": NOTE, "category": "roads.potholes", "unit": cast.roads_unit.pk}
        client.post(f"/river/desk/cases/{case.number}/{action}/", values)


def _handle(cast: Cast, task: Task) -> None:
    """The handler opens the task, looks at the contact, answers."""
    client = _staff(cast.handler)
    client.get("/river/today/")
    client.get(f"/river/today/tasks/{task.pk}/")
    for action in ("accept", "contact", "note", "answer", "finish", "return"):
        values = {"why": NOTE, "text": NOTE, "reason": NOTE, "contact-why": NOTE, "answer-text": NOTE}
        client.post(f"/river/today/tasks/{task.pk}/{action}/", values)


def test_nothing_of_a_report_is_logged_on_its_whole_way(
    house: House, any_log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = house.cast
    resident = Client(headers={"user-agent": BROWSER}, REMOTE_ADDR=ADDRESS)
    assert _file(resident).status_code == 302
    assert Contact.objects.get(phone=PHONE).name == NAME
    assert worker.drain() > 0
    done = resident.get("/river/say/done/")
    code = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{4}-[0-9A-Z]{4}", done.content.decode())
    assert code is not None
    resident.post("/river/my/", {"code": code[0]})
    resident.get("/river/my/report/")
    resident.post("/river/my/report/add/", {"text": WORDS})
    report = Report.objects.get(contact__phone=PHONE)
    case = Case.objects.get(memberships__report=report)
    _coordinate(cast, case)
    _handle(cast, house.task)
    _handle(cast, Task.objects.order_by("pk").last() or house.task)
    worker.drain()
    _staff(cast.coordinator).post("/sign-in/", {"username": NAME, "password": PHONE})
    _break(cast, case, monkeypatch)
    text = any_log.text()
    assert "view=say method=POST status=302" in text
    assert "view=case method=GET status=500" in text
    assert [mark for mark in (*MARKS, code[0], code[0].replace("-", "")) if mark in text] == []


def _break(cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page and a job break in the middle of what they say about a person."""

    def breaks(*_args: object, **_more: object) -> None:
        try:
            raise KeyError(f"{NAME} {PHONE}")
        except KeyError as error:
            raise TypeError(f"cannot read '{WORDS}' of {EMAIL}, {NOTE}") from error

    monkeypatch.setattr("gongzhi.site.pages.coordinator.case.cases.case_by_number", breaks)
    assert _staff(cast.coordinator).get(f"/river/desk/cases/{case.number}/").status_code == 500
    monkeypatch.setitem(events._handlers, "house.fails", Handler("house.fails", breaks, in_transaction=True))
    _job("house.fails")
    worker.drain()


def test_a_program_that_ends_by_an_error_says_where_and_not_about_what(log: Log) -> None:
    try:
        raise ValueError(f"{NAME} {PHONE}")
    except ValueError as error:
        quiet_end(ValueError, error, error.__traceback__)
    quiet_end(KeyboardInterrupt, KeyboardInterrupt(), None)
    (line,) = log.lines("gongzhi")
    assert (line["level"], line["message"]) == ("critical", "The program ended.")
    assert "ValueError at test_a_program" in line["error"]
    assert [mark for mark in MARKS if mark in log.text()] == []
