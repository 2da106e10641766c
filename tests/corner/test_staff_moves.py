"""A person moves to another unit: one role ends and another begins at the same moment."""

from typing import Any

import pytest

from gongzhi.apps.actors import public as actors
from gongzhi.apps.actors.public import Grant, UnitError
from gongzhi.apps.cases import public as cases
from gongzhi.apps.dispatch import public as dispatch
from tests.cast import MONDAY, Cast
from tests.corner.story import HOUR, NOON, answered, filed, page, task_of


def _move(cast: Cast, client: Any) -> Any:
    grant = Grant.objects.get(user=cast.handler)
    return client.post(f"/river/setup/people/{grant.pk}/move/", {"unit": cast.estate_unit.pk}, follow=True)


def test_an_administrator_moves_a_person_and_both_roles_stay_on_record(cast: Cast, client_of: Any) -> None:
    admin = client_of(cast.admin)
    grant = Grant.objects.get(user=cast.handler)
    assert "Move roads_handler to another unit" in page(admin, f"/river/setup/people/{grant.pk}/move/")
    assert admin.post(f"/river/setup/people/{grant.pk}/move/", {"unit": ""}).status_code == 400
    assert "works for the other unit now" in _move(cast, admin).content.decode()
    old, new = Grant.objects.filter(user=cast.handler).order_by("pk")
    assert (old.unit, old.until) == (cast.roads_unit, NOON)
    assert (new.unit, new.role, new.since, new.until) == (cast.estate_unit, old.role, NOON, None)
    assert cast.actor(cast.handler, MONDAY).unit_ids == {cast.roads_unit.pk}
    assert cast.actor(cast.handler, NOON).unit_ids == {cast.estate_unit.pk}


def test_an_open_session_has_the_new_unit_s_tasks_at_its_next_request(cast: Cast, client_of: Any) -> None:
    case, _report, _code = filed(cast)
    task = task_of(case)
    session = client_of(cast.handler)
    address = f"/river/today/tasks/{task.pk}/"
    assert case.number in page(session, "/river/today/")
    _move(cast, client_of(cast.admin))
    # The session may have ended with the role; signed in again it is the same.
    for client in (session, client_of(cast.handler)):
        assert client.get(address).status_code in {302, 404}
        assert client.post(f"{address}accept/").status_code in {302, 404}
    assert case.number not in page(client_of(cast.handler), "/river/today/")
    task.refresh_from_db()
    assert task.state == "offered"
    dispatch.dispatch_case(
        case=case, unit=cast.estate_unit, reason="归物业", by=cast.actor(cast.coordinator), at=NOON + HOUR
    )
    assert case.number in page(client_of(cast.handler), "/river/today/")


def test_what_was_done_stays_under_the_old_unit(cast: Cast, client_of: Any) -> None:
    case, _report, _code = answered(cast)
    _move(cast, client_of(cast.admin))
    units = {
        step.unit
        for step in cases.timeline(case, public_only=False)
        if step.by_ref == f"user:{cast.handler.pk}"
    }
    assert units == {cast.roads_unit}
    assert cases.answers_of(case)[0].unit == cast.roads_unit
    assert "Roads answered" in page(client_of(cast.coordinator), f"/river/desk/cases/{case.number}/")


def test_a_role_that_ended_or_a_unit_that_is_closed_is_refused(cast: Cast) -> None:
    grant = Grant.objects.get(user=cast.handler)
    with pytest.raises(UnitError, match="already"):
        actors.move_person(grant=grant, to=cast.roads_unit, by="x", at=NOON)
    actors.save_unit(
        jurisdiction=cast.office,
        code="estate",
        kind="property_company",
        names={},
        active=False,
        by="x",
        at=NOON,
    )
    with pytest.raises(UnitError, match="not at work"):
        actors.move_person(grant=grant, to=cast.estate_unit, by="x", at=NOON)
    actors.end_grant(grant=grant, by="x", at=NOON)
    with pytest.raises(UnitError, match="ended already"):
        actors.move_person(grant=grant, to=cast.street_office, by="x", at=NOON + HOUR)
