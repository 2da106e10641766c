"""A unit is abolished while it has cases: they go on, with the same day, and old ones go on naming it."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client

from gongzhi.apps.actors import public as actors
from gongzhi.apps.actors.public import SYSTEM, Grant, Unit, UnitError
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case, State
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.public import PowerItem, Task
from gongzhi.journeys import changes
from gongzhi.kernel import worker
from gongzhi.kernel.calendar import Promise
from tests.cast import MONDAY, Cast, say
from tests.corner.story import DAY, HOUR, NOON, answered, filed, kinds, opened_by, page, task_of

WHY = "Decision 12 of 2026"


def _close(cast: Cast, client: Client, successor: Unit | None, day: str = "2026-11-16") -> Any:
    sent = {"closed_on": day, "successor": successor.pk if successor else "", "reason": WHY}
    return client.post("/river/setup/units/close/?unit=roads", sent)


def test_the_page_lists_what_lies_with_the_unit_before_anything_happens(cast: Cast, client_of: Any) -> None:
    filed(cast)
    said = page(client_of(cast.admin), "/river/setup/units/close/?unit=roads")
    assert "It leads 1 open matter." in said
    assert "roads-1" in said and "roads_handler" in said
    assert Unit.objects.get(code="roads").active
    assert client_of(cast.admin).get("/river/setup/units/close/?unit=nowhere").status_code == 404


def test_open_matters_go_to_the_successor_with_the_same_day(cast: Cast, client_of: Any) -> None:
    case, _report, code = filed(cast)
    due = case.due_at
    dispatch.accept_task(task=task_of(case), by=cast.actor(cast.handler), at=NOON)
    assert _close(cast, client_of(cast.admin), cast.estate_unit).status_code == 302
    worker.drain()
    case.refresh_from_db()
    task = task_of(case)
    assert (task.unit, task.state, task.due_at, case.due_at) == (cast.estate_unit, "offered", due, due)
    assert (case.state, case.lead_unit) == (State.DISPATCHED, cast.estate_unit)
    assert kinds(case)[-1] == "inherited" and WHY in cases.timeline(case, public_only=True)[-1].text
    assert [t.state for t in dispatch.tasks_of(case)] == ["withdrawn", "offered"]
    assert "took it over from a unit that was closed" in page(opened_by(code), "/river/my/report/")
    estate = client_of(cast.estate_handler)
    assert case.number in page(estate, "/river/today/")
    assert "The unit before it was closed." in page(estate, f"/river/today/tasks/{task.pk}/")


def test_without_a_successor_they_go_back_to_the_desk_with_the_reason(cast: Cast, client_of: Any) -> None:
    case, _report, _code = filed(cast)
    due = case.due_at
    _close(cast, client_of(cast.admin), None)
    worker.drain()
    case.refresh_from_db()
    assert (case.state, case.lead_unit, case.waits_for, case.due_at) == (State.NEW, None, "returned", due)
    desk = page(client_of(cast.coordinator), "/river/desk/")
    assert "Roads was closed; the case went back to the desk" in desk and WHY in desk
    assert task_of(case).state == "returned"


def test_lines_of_the_power_list_end_and_begin_anew(cast: Cast, client_of: Any) -> None:
    dispatch.save_power_item(
        jurisdiction=cast.office,
        code="light-1",
        category="roads.streetlight",
        lead_unit=cast.street_office,
        helpers=[cast.roads_unit],
        basis="某条",
        promise=Promise(amount=3, unit="day"),
        by=SYSTEM.ref,
        at=MONDAY,
    )
    _close(cast, client_of(cast.admin), cast.estate_unit)
    worker.drain()
    old, new = PowerItem.objects.filter(category="roads.potholes").order_by("pk")
    assert (old.lead_unit, old.valid_to) == (cast.roads_unit, date(2026, 11, 15))
    assert (new.lead_unit, new.valid_from, new.basis) == (cast.estate_unit, date(2026, 11, 16), old.basis)
    helped = PowerItem.objects.get(category="roads.streetlight", valid_from=date(2026, 11, 16))
    assert list(helped.helpers.all()) == [cast.estate_unit] and helped.lead_unit == cast.street_office
    case, _report, _code = filed(cast, text="又一个坑", at=NOON + HOUR)
    assert case.lead_unit == cast.estate_unit


def test_without_a_successor_its_lines_end_and_new_reports_wait(cast: Cast, client_of: Any) -> None:
    _close(cast, client_of(cast.admin), None)
    worker.drain()
    assert PowerItem.objects.get().valid_to == date(2026, 11, 15)
    case, _report, _code = filed(cast)
    assert (case.lead_unit, case.waits_for) == (None, "no_rule")


def test_its_people_lose_their_role_and_an_administrator_keeps_the_office(cast: Cast, client_of: Any) -> None:
    actors.grant_role(
        user=cast.admin,
        jurisdiction=cast.office,
        role="admin",
        unit=cast.roads_unit,
        by=SYSTEM.ref,
        at=MONDAY,
    )
    handler, admin = client_of(cast.handler), client_of(cast.admin)
    assert handler.get("/river/today/").status_code == 200
    _close(cast, admin, cast.estate_unit)
    worker.drain()
    assert handler.get("/river/today/").status_code in {302, 403}  # a session may end with a role
    assert admin.get("/river/setup/").status_code == 200
    assert Grant.objects.get(user=cast.handler).until is not None


def test_old_cases_go_on_naming_it_and_come_to_the_successor_when_reopened(
    cast: Cast, client_of: Any
) -> None:
    case, report, code = answered(cast)
    _close(cast, client_of(cast.admin), cast.estate_unit)
    worker.drain()
    case.refresh_from_db()
    assert (case.state, case.lead_unit) == (State.ANSWERED, cast.roads_unit)
    assert "Roads has answered." in page(opened_by(code), "/river/my/report/")
    seen = cases.visible_cases(visible_to=cast.actor(cast.estate_handler, NOON), jurisdiction=cast.office)
    assert list(seen) == [case]
    cases.rate_case(
        report=report, contacted=None, solved=False, satisfaction=None, by=SYSTEM, at=NOON + 2 * HOUR
    )
    worker.drain()
    case.refresh_from_db()
    assert (case.lead_unit, task_of(case).unit) == (cast.estate_unit, cast.estate_unit)


def test_a_reopened_case_of_a_closed_unit_without_successor_comes_to_the_desk(
    cast: Cast, client_of: Any
) -> None:
    case, report, _code = answered(cast)
    _close(cast, client_of(cast.admin), None)
    worker.drain()
    cases.rate_case(
        report=report, contacted=None, solved=False, satisfaction=None, by=SYSTEM, at=NOON + 2 * HOUR
    )
    worker.drain()
    case.refresh_from_db()
    assert (case.state, case.lead_unit, case.waits_for) == (State.NEW, None, "returned")


def test_a_day_to_come_is_waited_for_and_can_be_called_off(
    cast: Cast, client_of: Any, at: time_machine.Traveller
) -> None:
    case, _report, _code = filed(cast)
    admin = client_of(cast.admin)
    _close(cast, admin, cast.estate_unit, "2026-11-18")
    worker.drain()
    changes.carry_out_changes(at=NOON + DAY)
    assert task_of(case).unit == cast.roads_unit
    assert "closes on 2026-11-18" in page(admin, "/river/setup/units/")
    admin.post("/river/setup/units/keep/", {"unit": "roads"})
    changes.carry_out_changes(at=NOON + 3 * DAY)
    assert Unit.objects.get(code="roads").active

    _close(cast, admin, cast.estate_unit, "2026-11-18")
    # In Shanghai the 18th begins at 16:00 of the 17th in UTC.
    changes.carry_out_changes(at=MONDAY.replace(day=17, hour=15, minute=59))
    assert Unit.objects.get(code="roads").active
    changes.carry_out_changes(at=MONDAY.replace(day=17, hour=16, minute=1))
    assert not Unit.objects.get(code="roads").active and task_of(case).unit == cast.estate_unit
    changes.carry_out_changes(at=NOON + 3 * DAY)
    assert Task.objects.filter(case=case).count() == 2


def test_a_task_that_came_in_after_the_closing_was_broken_off_is_handed_on_too(cast: Cast) -> None:
    case, _report, _code = filed(cast)
    unit = actors.close_unit(
        unit=cast.roads_unit,
        on=date(2026, 11, 16),
        successor=cast.estate_unit,
        reason="",
        by="system",
        at=NOON,
    )
    actors.finish_closing(unit=unit, by="system", at=NOON)  # the worker was killed after this
    changes.carry_out_changes(at=NOON + HOUR)
    assert task_of(case).unit == cast.estate_unit


def test_a_helping_unit_is_replaced_or_leaves(cast: Cast, client_of: Any) -> None:
    case, _report, _code = filed(cast)
    desk = cast.actor(cast.coordinator)
    dispatch.add_helper(case=case, unit=cast.estate_unit, reason="一起", by=desk, at=NOON)
    unit = actors.close_unit(
        unit=cast.estate_unit,
        on=date(2026, 11, 16),
        successor=cast.street_office,
        reason=WHY,
        by="x",
        at=NOON,
    )
    worker.drain()
    helpers = Task.objects.filter(case=case, role="helper").order_by("pk")
    assert [(t.unit_id, t.state) for t in helpers] == [
        (unit.pk, "withdrawn"),
        (cast.street_office.pk, "offered"),
    ]
    assert "helper_inherited" in kinds(case)


@pytest.mark.parametrize("wrong", ["past", "itself", "closed"])
def test_what_cannot_be_is_refused_with_what_to_do(wrong: str, cast: Cast, client_of: Any) -> None:
    day, successor = date(2026, 11, 16), cast.estate_unit
    if wrong == "past":
        day = date(2026, 11, 15)
    if wrong == "itself":
        successor = cast.roads_unit
    if wrong == "closed":
        actors.close_unit(unit=successor, on=day, successor=None, reason="", by="x", at=NOON)
        worker.drain()
    with pytest.raises(UnitError) as refused:
        actors.close_unit(unit=cast.roads_unit, on=day, successor=successor, reason="", by="x", at=NOON)
    assert refused.value.what_to_do()
    answer = client_of(cast.admin).post("/river/setup/units/close/?unit=roads", {"closed_on": "2026-11-01"})
    assert answer.status_code == 400 and "The day lies in the past." in answer.content.decode()


def test_the_set_up_from_a_folder_does_not_open_it_again(cast: Cast) -> None:
    actors.close_unit(unit=cast.roads_unit, on=date(2026, 11, 16), successor=None, reason="", by="x", at=NOON)
    worker.drain()
    names = {"zh-hans": "市政所"}
    again = {"jurisdiction": cast.office, "code": "roads", "kind": "department", "names": names}
    assert not actors.save_unit(**again, by="x", at=NOON).active
    opened = actors.save_unit(**again, active=True, by="x", at=NOON)
    assert opened.active and opened.closed_on is None and opened.successor is None


def test_units_below_it_and_the_convening_go_to_the_successor(cast: Cast) -> None:
    Unit.objects.filter(pk=cast.street_office.pk).update(convening=True)
    cast.street_office.refresh_from_db()
    actors.close_unit(
        unit=cast.street_office, on=date(2026, 11, 16), successor=cast.roads_unit, reason="", by="x", at=NOON
    )
    worker.drain()
    roads, estate = Unit.objects.get(code="roads"), Unit.objects.get(code="estate")
    assert roads.convening and roads.parent is None
    assert estate.parent == roads


def test_a_case_taken_out_of_a_join_finds_its_unit_closed(cast: Cast) -> None:
    first, _r1, _c1 = filed(cast)
    second, _r2, _c2 = filed(cast, text="完全不同的另一件事：井盖响", lon=120.001, lat=30.001)
    second = Case.objects.get(pk=second.pk)
    desk = cast.actor(cast.coordinator)
    cases.join_cases(into=first, cases=[second], by=desk, at=NOON + HOUR)
    worker.drain()
    actors.close_unit(
        unit=cast.roads_unit, on=date(2026, 11, 16), successor=cast.estate_unit, reason="", by="x", at=NOON
    )
    worker.drain()
    second.refresh_from_db()
    cases.undo_merge(case=second, by=desk, at=NOON + 2 * HOUR)
    worker.drain()
    assert task_of(second).unit == cast.estate_unit and task_of(second).state == "offered"


def test_nothing_more_is_handed_to_it(cast: Cast) -> None:
    actors.close_unit(unit=cast.roads_unit, on=date(2026, 11, 16), successor=None, reason="", by="x", at=NOON)
    worker.drain()
    report, _code = say(cast, category_hint="roads.potholes", at=NOON)
    worker.drain()
    case = cases.case_of(report)
    assert case is not None and case.lead_unit is None
