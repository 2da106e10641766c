"""A reporter complains about the unit that handled the case: it neither gets the complaint nor sees it."""

import re
from typing import Any

import pytest
from django.test import Client

from gongzhi.apps.actors import public as actors
from gongzhi.apps.actors.public import SYSTEM, User
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.kinds.complaints.public import CATEGORY, Complaint
from gongzhi.apps.cases.public import Case, CaseError, State
from gongzhi.apps.channels.public import Report
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.public import TaskError
from gongzhi.kernel import worker
from gongzhi.kernel.calendar import Promise
from tests.cast import MONDAY, PASSWORD, Cast
from tests.corner.story import DAY, HOUR, NOON, answered, filed, kinds, opened_by, page

RUDE = "来的人态度很差，没看就说修好了。"


def _token(client: Client) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', page(client, "/river/my/report/"))
    assert found is not None
    return found[1]


def complain(code: str, text: str = RUDE) -> Case:
    """The reporter complains on the page of the report; the case that becomes of it."""
    client = opened_by(code)
    answer = client.post("/river/my/report/complain/", {"form_token": _token(client), "complaint": text})
    assert answer.status_code == 302, answer.content.decode()
    worker.drain()
    return Case.objects.filter(complaint__isnull=False).latest("pk")


def _person(cast: Cast, name: str, role: Any, unit: Any = None) -> User:
    user = actors.save_user(username=name, display_name=name, password=PASSWORD, by=SYSTEM.ref, at=MONDAY)
    actors.grant_role(user=user, jurisdiction=cast.office, role=role, unit=unit, by=SYSTEM.ref, at=MONDAY)
    return user


def test_a_complaint_is_a_report_of_its_own_with_a_code_and_waits_at_the_desk(
    cast: Cast, client_of: Any
) -> None:
    case, report, code = answered(cast)
    client = opened_by(code)
    token = _token(client)
    sent = {"form_token": token, "complaint": RUDE}
    receipt = client.post("/river/my/report/complain/", sent, follow=True).content.decode()
    assert "Your tracking code" in receipt
    again = client.post("/river/my/report/complain/", sent)
    assert again.status_code == 302 and Report.objects.count() == 2
    worker.drain()
    complaint = Complaint.objects.get()
    own = complaint.case
    assert own is not None and complaint.about == case and complaint.unit == cast.roads_unit
    assert (own.category, own.waits_for, own.state, own.lead_unit) == (CATEGORY, "complaint", State.NEW, None)
    # The page still shows the first report, and its timeline does not speak of the complaint.
    assert report.text in page(client, "/river/my/report/")
    assert kinds(case)[-1] == "answered"
    desk = client_of(cast.coordinator)
    assert "Complaint about how a case was handled" in page(desk, "/river/desk/")
    said = page(desk, f"/river/desk/cases/{own.number}/")
    assert "It is about Roads, which cannot see it and never gets it." in said and case.number in said
    assert own.number in page(desk, f"/river/desk/cases/{case.number}/")


def test_empty_words_and_an_old_form_are_sent_back_with_what_was_typed(cast: Cast) -> None:
    _case, _report, code = answered(cast)
    client = opened_by(code)
    empty = client.post("/river/my/report/complain/", {"form_token": _token(client), "complaint": " "})
    assert empty.status_code == 400
    stale = client.post("/river/my/report/complain/", {"form_token": "x", "complaint": RUDE})
    assert stale.status_code == 400 and RUDE in stale.content.decode()
    assert Report.objects.count() == 1


def test_the_unit_complained_about_sees_nothing_of_it(cast: Cast, client_of: Any) -> None:
    case, _report, code = answered(cast)
    own = complain(code)
    handler = cast.actor(cast.handler, NOON)
    assert list(cases.visible_cases(visible_to=handler, jurisdiction=cast.office)) == [case]
    task = dispatch.tasks_of(case)[0]
    said = page(client_of(cast.handler), f"/river/today/tasks/{task.pk}/")
    assert RUDE not in said and own.number not in said
    assert own.number not in page(Client(), "/river/near/") and "态度" not in page(Client(), "/river/near/")


def test_a_coordinator_of_that_unit_is_kept_out_while_another_can_decide(cast: Cast, client_of: Any) -> None:
    _case, _report, code = answered(cast)
    inside = _person(cast, "inside", "coordinator", cast.roads_unit)
    own = complain(code)
    address = f"/river/desk/cases/{own.number}/"
    assert client_of(inside).get(address).status_code == 404
    assert own.number not in page(client_of(inside), "/river/desk/cases/")
    assert client_of(inside).post(f"{address}dispatch/", {"unit": cast.estate_unit.pk}).status_code == 404
    assert client_of(cast.coordinator).get(address).status_code == 200
    assert client_of(cast.leader).get(address).status_code == 200
    dispatch.dispatch_case(
        case=own, unit=cast.estate_unit, reason="查一下", by=cast.actor(cast.coordinator, NOON), at=NOON
    )
    task = dispatch.tasks_of(own)[0]
    assert client_of(inside).get(f"/river/today/tasks/{task.pk}/").status_code == 404
    assert client_of(cast.estate_handler).get(f"/river/today/tasks/{task.pk}/").status_code == 200


def test_where_nobody_else_decides_the_desk_sees_it_and_is_told_so(cast: Cast, client_of: Any) -> None:
    case, _report, code = filed(cast)
    cases.answer_case(
        case=case,
        text="不归我们管。",
        unit=cast.street_office,
        by=cast.actor(cast.coordinator, NOON),
        at=NOON,
    )
    own = complain(code)
    assert Complaint.objects.get().unit == cast.street_office
    said = page(client_of(cast.coordinator), f"/river/desk/cases/{own.number}/")
    assert "Nobody outside this unit decides at this desk" in said


def test_it_is_never_handed_to_that_unit_not_even_by_the_power_list(cast: Cast, client_of: Any) -> None:
    dispatch.save_power_item(
        jurisdiction=cast.office, code="attitude", category="governance", lead_unit=cast.roads_unit,
        helpers=[cast.estate_unit], basis="某条", promise=Promise(amount=5, unit="workday"), by="x", at=MONDAY,
    )  # fmt: skip
    _case, _report, code = answered(cast)
    own = complain(code)
    by = cast.actor(cast.coordinator, NOON)
    item = dispatch.rule_for(own, NOON).item
    assert item is not None and item.lead_unit == cast.roads_unit
    for wrong in ({"item": item}, {"unit": cast.roads_unit, "reason": "x"}):
        with pytest.raises(TaskError):
            dispatch.dispatch_case(case=own, by=by, at=NOON, **wrong)
    with pytest.raises(TaskError):
        dispatch.add_helper(case=own, unit=cast.roads_unit, reason="", by=by, at=NOON)
    desk = client_of(cast.coordinator)
    address = f"/river/desk/cases/{own.number}/"
    said = page(desk, address)
    assert f'<option value="{cast.roads_unit.pk}"' not in said
    assert f'<option value="{cast.estate_unit.pk}"' in said
    desk.post(f"{address}category/", {"category": CATEGORY, "and_dispatch": "1"})
    own.refresh_from_db()
    assert (own.state, own.lead_unit, own.waits_for) == (State.NEW, None, "complaint")


def test_the_unit_above_or_the_one_that_convenes_is_suggested(cast: Cast, client_of: Any) -> None:
    actors.save_unit(
        jurisdiction=cast.office, code="estate", kind="property_company", names={"en": "East Estate"},
        parent=cast.street_office, convening=True, by="x", at=MONDAY,
    )  # fmt: skip
    _case, _report, code = answered(cast)
    own = complain(code)
    desk = client_of(cast.coordinator)
    address = f"/river/desk/cases/{own.number}/"
    said = page(desk, address)
    assert "Hand over to Street office" in said and "Hand over to East Estate" in said
    sent = {"unit": cast.street_office.pk, "reason": "Complaint about how a case was handled"}
    assert desk.post(f"{address}dispatch/", sent).status_code == 302
    own.refresh_from_db()
    assert own.lead_unit == cast.street_office


def test_it_is_joined_to_no_other_case_and_suggested_for_none(cast: Cast) -> None:
    case, _report, code = answered(cast)
    own = complain(code, "学校门口的路面有个大坑，下雨天电动车摔倒两次了。没人来修！")
    with pytest.raises(CaseError):
        cases.join_cases(into=case, cases=[own], by=cast.actor(cast.coordinator, NOON), at=NOON)
    later, _r, _c = filed(
        cast, text="学校门口的路面有个大坑，下雨天电动车又摔倒了。没人来修！", at=NOON + HOUR
    )
    pairs = cases.suggestions_of([own, later])
    assert own.pk not in pairs
    assert own.pk not in {s.other_id for s in pairs.get(later.pk, [])}


def test_who_took_over_from_that_unit_is_barred_too(cast: Cast) -> None:
    _case, _report, code = answered(cast)
    own = complain(code)
    by = cast.actor(cast.coordinator, NOON)
    dispatch.dispatch_case(case=own, unit=cast.street_office, reason="查", by=by, at=NOON)
    closes = NOON + DAY
    actors.close_unit(
        unit=cast.roads_unit, on=closes.date(), successor=cast.estate_unit, reason="", by="x", at=NOON
    )
    from gongzhi.journeys import changes

    changes.carry_out_changes(at=closes)
    with pytest.raises(TaskError):
        dispatch.add_helper(case=own, unit=cast.estate_unit, reason="", by=by, at=closes)
    estate = cast.actor(cast.estate_handler, closes)
    assert own not in cases.visible_cases(visible_to=estate, jurisdiction=cast.office)
    # The unit that looks into it closes as well, and its successor is the one complained about: back to the desk.
    actors.close_unit(
        unit=cast.street_office, on=closes.date(), successor=cast.estate_unit, reason="", by="x", at=closes
    )
    changes.carry_out_changes(at=closes)
    own.refresh_from_db()
    assert (own.state, own.lead_unit, own.waits_for) == (State.NEW, None, "returned")


def test_danger_in_a_complaint_comes_first_and_it_stays_hidden(cast: Cast) -> None:
    _case, _report, code = answered(cast)
    own = complain(code, "他们说修好了，现在楼道里有煤气味！")
    assert own.urgent and own.waits_for == "safety"
    seen = cases.visible_cases(visible_to=cast.actor(cast.handler, NOON), jurisdiction=cast.office)
    assert own not in seen


def test_the_reporter_reads_what_becomes_of_the_complaint(cast: Cast, client_of: Any) -> None:
    _case, _report, code = answered(cast)
    client = opened_by(code)
    sent = {"form_token": _token(client), "complaint": RUDE}
    receipt = client.post("/river/my/report/complain/", sent, follow=True).content.decode()
    own_code = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{4}-[0-9A-Z]{4}", receipt)
    assert own_code is not None
    worker.drain()
    said = page(opened_by(own_code[0]), "/river/my/report/")
    assert "The unit that you complain about cannot see it." in said and RUDE in said
