"""What is asked of the neighbourhoods: minutes by form only, asked before, agreed weeks, reasons on record."""

import threading
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.apps.actors.public import Unit
from gongzhi.apps.dispatch.burden import public as burden
from gongzhi.apps.dispatch.burden import rules
from gongzhi.apps.dispatch.burden.models import Ask, MinuteCount
from gongzhi.apps.dispatch.burden.public import AskError, AskForm, OverBudgetError
from gongzhi.apps.ledger.models import Entry
from tests.cast import MONDAY, Cast, make_cast

FRIDAY = date(2026, 11, 20)
FIELDS = ["户主姓名", "住址", "人口数", "用工情况"]


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def form_of(cast: Cast, sender: Unit | None = None, name: str = "人口台账", **more: Any) -> AskForm:
    values: dict[str, Any] = {"fields": FIELDS, "supposed_minutes": 30} | more
    by = cast.actor(cast.coordinator)
    return burden.save_form(sender=sender or cast.roads_unit, name=name, by=by, at=MONDAY, **values)


def ask(cast: Cast, form: AskForm, copies: int = 1, **more: Any) -> list[Ask]:
    values: dict[str, Any] = {"groups": [cast.estate_unit], "due_on": FRIDAY, "key": uuid.uuid4()}
    values |= {"by": cast.actor(cast.coordinator), "at": MONDAY}
    return burden.send_ask(form=form, copies=copies, **(values | more))


def test_the_middle_answer_is_given_from_five_answers_on(cast: Cast) -> None:
    form = form_of(cast)
    for minutes in (3, 8, 25, 60):
        burden.note_minutes(form=form, minutes=minutes)
    assert burden.minutes_of([form.pk]) == {}
    burden.note_minutes(form=form, minutes=18)
    assert burden.minutes_of([form.pk]) == {form.pk: 20}


@given(st.lists(st.integers(1, 500), min_size=5, max_size=60))
def test_half_of_the_answers_lie_in_the_band_or_below(answers: list[int]) -> None:
    counts: dict[int, int] = {}
    for minutes in answers:
        counts[rules.band_of(minutes)] = counts.get(rules.band_of(minutes), 0) + 1
    found = rules.median_band(counts)
    assert found == sorted(rules.band_of(m) for m in answers)[(len(answers) - 1) // 2]


def test_saying_how_long_it_took_leaves_a_count_and_nothing_else(cast: Cast, client: Client) -> None:
    form = form_of(cast)
    ask(cast, form)
    entries = Entry.objects.count()
    client.force_login(cast.estate_handler)
    with time_machine.travel(MONDAY), CaptureQueriesContext(connection) as queries:
        client.post("/river/asks/minutes/", {"form": form.pk, "minutes": "20"})
    assert list(MinuteCount.objects.values_list("band", "answers")) == [(20, 1)]
    assert Entry.objects.count() == entries
    # The session is read, a count is written: no statement puts the person and the minutes into one row.
    written = [q["sql"] for q in queries if q["sql"].lstrip().upper().startswith(("INSERT", "UPDATE"))]
    tables = {
        name for name in ("minutecount", "ratecounter", "entry", "session") if any(name in w for w in written)
    }
    assert tables <= {"minutecount", "ratecounter", "session"}
    assert all("gz_dispatch_minutecount" not in w or "user" not in w for w in written)


def test_a_group_that_was_not_asked_counts_nothing(cast: Cast, client: Client) -> None:
    form = form_of(cast)
    ask(cast, form)
    client.force_login(cast.handler)
    client.post("/river/asks/minutes/", {"form": form.pk, "minutes": "20"})
    client.force_login(cast.estate_handler)
    client.post("/river/asks/minutes/", {"form": form.pk, "minutes": "21"})
    assert not MinuteCount.objects.exists()


def test_what_another_sender_asked_is_said_and_the_own_is_not(cast: Cast) -> None:
    ask(cast, form_of(cast))
    own = burden.asked_before(sender=cast.roads_unit, fields=FIELDS, groups=[cast.estate_unit], on=FRIDAY)
    assert own == []

    def found(fields: list[str], on: date = FRIDAY, group: Unit = cast.estate_unit) -> list[tuple[str, ...]]:
        sender = cast.street_office
        before = burden.asked_before(sender=sender, fields=fields, groups=[group], on=on)
        return [b.shared for b in before]

    assert found(["户主 姓名", "住址：", "车牌"]) == [("户主 姓名", "住址：")]
    assert found(["车牌", "颜色"]) == []
    assert found(FIELDS, on=FRIDAY + timedelta(days=95)) == []
    assert found(FIELDS, group=cast.roads_unit) == []


def test_over_the_agreed_week_a_reason_is_needed_and_kept(cast: Cast) -> None:
    by = cast.actor(cast.coordinator)
    burden.agree_budget(group=cast.estate_unit, minutes=100, by=by, at=MONDAY)
    form = form_of(cast)
    ask(cast, form, 3)
    with pytest.raises(OverBudgetError):
        ask(cast, form, 1)
    (made,) = ask(cast, form, 1, over_reason="台风应急，今晚必须上报。")
    assert made.over_reason.startswith("台风")
    (row,) = burden.burden(cast.office, made.week, made.week)
    assert (row.asks, row.copies, row.minutes, row.measured, row.over, row.hours) == (2, 4, 30, False, 1, 2.0)
    next_week = MONDAY + timedelta(days=7)
    assert ask(cast, form, 3, at=next_week, due_on=date(2026, 11, 27))[0].over_reason == ""


def test_an_ask_sent_twice_is_one_and_only_for_the_own_unit(cast: Cast) -> None:
    form, key = form_of(cast), uuid.uuid4()
    assert ask(cast, form, key=key) == ask(cast, form, key=key)
    with pytest.raises(AskError):
        ask(cast, form, by=cast.actor(cast.estate_handler))
    ask(cast, form, by=cast.actor(cast.handler))
    for wrong in ({"copies": 0}, {"groups": []}, {"due_on": date(2026, 11, 1)}):
        with pytest.raises(AskError):
            ask(cast, form, **wrong)
    assert Ask.objects.count() == 2


def test_a_changed_form_is_measured_anew(cast: Cast) -> None:
    form = form_of(cast)
    for _ in range(5):
        burden.note_minutes(form=form, minutes=60)
    assert burden.minutes_of([form.pk]) == {form.pk: 60}
    form_of(cast)
    assert burden.minutes_of([form.pk]) == {form.pk: 60}
    form_of(cast, fields=FIELDS[:2])
    assert burden.minutes_of([form.pk]) == {}


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_cannot_both_use_up_the_same_week() -> None:
    cast = make_cast()
    burden.agree_budget(group=cast.estate_unit, minutes=40, by=cast.actor(cast.coordinator), at=MONDAY)
    forms = [form_of(cast), form_of(cast, cast.street_office)]
    bell, outcomes = threading.Barrier(2), []

    def one(form: AskForm) -> None:
        try:
            bell.wait()
            ask(cast, form)
            outcomes.append("asked")
        except OverBudgetError:
            outcomes.append("over")
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(form,)) for form in forms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["asked", "over"]


def test_a_sender_sees_the_week_before_and_the_leader_the_ledger_after(cast: Cast, client: Client) -> None:
    client.force_login(cast.coordinator)
    wanted = {"sender": cast.street_office.pk, "name": "安全排查表", "fields_text": "住址\n人口数\n隐患"}
    wanted |= {
        "supposed_minutes": "30",
        "groups": [cast.estate_unit.pk],
        "copies": "4",
        "due_on": "2026-11-20",
    }
    with time_machine.travel(MONDAY):
        ask(cast, form_of(cast))
        client.post("/river/asks/agree/", {"group": "estate", "minutes": "60"})
        seen = client.post("/river/asks/new/", wanted)
        assert seen.context["over"]
        assert [b.shared for b in seen.context["before"]] == [("住址", "人口数")]
        assert Ask.objects.count() == 1
        sent = wanted | {"send": "1", "key": str(seen.context["key"])}
        refused = client.post("/river/asks/new/", sent)
        assert refused.status_code == 409
        assert "安全排查表" in refused.content.decode()
        done = client.post("/river/asks/new/", sent | {"over_reason": "消防检查限期。"})
        assert done.status_code == 302
        assert client.post("/river/asks/new/", sent | {"over_reason": "消防检查限期。"}).status_code == 302
        client.force_login(cast.leader)
        page = client.get("/river/asks/")
    assert Ask.objects.count() == 2
    assert [(r.form.name, r.copies, r.over) for r in page.context["rows"]] == [
        ("安全排查表", 4, 1),
        ("人口台账", 1, 0),
    ]
    assert not page.context["may_ask"]


def test_the_ledger_asks_as_much_for_many_forms_as_for_few(cast: Cast, client: Client) -> None:
    client.force_login(cast.coordinator)

    def asked() -> int:
        with time_machine.travel(MONDAY), CaptureQueriesContext(connection) as queries:
            client.get("/river/asks/")
        return len(queries)

    ask(cast, form_of(cast))
    asked()
    few = asked()
    for n in range(8):
        ask(cast, form_of(cast, name=f"表{n}"))
    assert asked() == few
