"""Who may do and see what: roles with a beginning and an end, units, areas, jurisdictions, and the rate counter."""

from datetime import timedelta
from functools import partial

import pytest

from gongzhi.apps.actors import public as actors
from gongzhi.apps.actors import rules
from gongzhi.apps.actors.models import Grant, RateCounter
from gongzhi.apps.actors.public import RESIDENT, ROLE_PERMISSIONS, SYSTEM, Actor, Unit, User
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case, CaseFilter
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places import public as places
from gongzhi.apps.places.public import Area, Jurisdiction
from tests.cast import MONDAY, Cast, make_cast, make_office, say
from tests.crowd import at_once, errors_of

HOUR = timedelta(hours=1)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def person(name: str) -> User:
    return actors.save_user(username=name, display_name=name, password=None, by="system", at=MONDAY)


def grant(
    user: User, office: Jurisdiction, role: str, unit: Unit | None = None, area: Area | None = None
) -> Grant:
    return actors.grant_role(
        user=user,
        jurisdiction=office,
        role=role,  # type: ignore[arg-type]
        unit=unit,
        area=area,
        by="system",
        at=MONDAY,
    )


def case_in(
    cast: Cast, lon: float | None, unit: Unit | None = None, office: Jurisdiction | None = None
) -> Case:
    point = {"lon": lon, "lat": 30.01 if lon is not None else None}
    report, _ = say(cast, **point)
    case = cases.open_case(report=report, category="roads.potholes", by=SYSTEM, at=MONDAY)
    if unit is not None:
        cases.hold_case(case=case, unit=unit, role="lead", by=SYSTEM, at=MONDAY)
    return case


def sees(actor: Actor, office: Jurisdiction) -> set[int]:
    return set(cases.visible_cases(visible_to=actor, jurisdiction=office).values_list("pk", flat=True))


def test_duties_are_separate() -> None:
    """Who sets up sees no cases, who looks at the ledger changes nothing, a leader sees no contacts."""
    changing = {"decide_case", "handle_task", "manage_setup", "import_file", "file_for_others"}
    assert not ROLE_PERMISSIONS["admin"] & {"see_all_cases", "see_inbox", "see_contact", "decide_case"}
    assert not ROLE_PERMISSIONS["auditor"] & changing
    assert not ROLE_PERMISSIONS["leader"] & (changing | {"see_contact"})
    assert "manage_setup" not in ROLE_PERMISSIONS["coordinator"]
    assert rules.permissions_of(frozenset()) == frozenset()
    assert rules.permissions_of_role("emperor") == frozenset()


def test_residents_may_nothing_and_the_program_does_not_run_the_office() -> None:
    assert not RESIDENT.permissions
    assert not SYSTEM.may("manage_setup")
    assert (RESIDENT.ref, SYSTEM.ref, Actor("user", 3, "x").ref) == ("resident", "system", "user:3")


def test_a_role_holds_from_its_beginning_until_just_before_its_end(cast: Cast) -> None:
    user = person("short")
    given = grant(user, cast.office, "coordinator", cast.street_office)
    assert not cast.actor(user, MONDAY - HOUR).permissions
    assert cast.actor(user, MONDAY).may("decide_case")
    actors.end_grant(grant=given, by="system", at=MONDAY + 2 * HOUR)
    assert cast.actor(user, MONDAY + HOUR).may("decide_case"), "what was done before was allowed"
    ended = cast.actor(user, MONDAY + 2 * HOUR)
    assert (ended.permissions, ended.unit_ids, ended.area_ids) == (frozenset(), frozenset(), frozenset())
    assert actors.jurisdictions_of(user=user, at=MONDAY + 2 * HOUR) == []
    assert not actors.grants(cast.office, MONDAY + 2 * HOUR).filter(user=user).exists()


def test_a_role_that_has_ended_is_not_made_longer_by_ending_it_again(cast: Cast) -> None:
    given = grant(person("short"), cast.office, "handler", cast.roads_unit)
    actors.end_grant(grant=given, by="system", at=MONDAY + HOUR)
    actors.end_grant(grant=given, by="system", at=MONDAY + 9 * HOUR)
    given.refresh_from_db()
    assert given.until == MONDAY + HOUR
    assert ledger.Entry.objects.filter(kind="actors.role_ended").count() == 1


def test_giving_a_role_twice_changes_nothing_and_again_after_its_end_is_a_new_one(cast: Cast) -> None:
    user = person("again")
    first = grant(user, cast.office, "handler", cast.roads_unit)
    assert grant(user, cast.office, "handler", cast.roads_unit) == first
    actors.end_grant(grant=first, by="system", at=MONDAY + HOUR)
    assert grant(user, cast.office, "handler", cast.roads_unit) != first
    assert Grant.objects.filter(user=user).count() == 2
    assert ledger.Entry.objects.filter(kind="actors.role_granted", subject=f"user:{user.pk}").count() == 2


def test_the_ledger_names_accounts_by_number_only(cast: Cast) -> None:
    said = str(list(ledger.Entry.objects.filter(kind__startswith="actors.").values_list("leaf", "fields")))
    assert "roads_handler" not in said


def test_a_role_in_one_office_gives_nothing_in_another(cast: Cast) -> None:
    other = make_office("lake", "LK")
    case = case_in(cast, 120.03)
    actor = actors.actor_of(user=cast.coordinator, jurisdiction=other, at=MONDAY)
    assert (actor.permissions, sees(actor, cast.office), sees(actor, other)) == (frozenset(), set(), set())
    here = cast.actor(cast.coordinator)
    assert sees(here, cast.office) == {case.pk}
    assert sees(here, other) == set(), "an actor made for one office sees nothing of another"
    for number in (case.number, f"LK-{case.pk}"):
        assert cases.case_by_number(visible_to=here, jurisdiction=other, number=number) is None


def test_a_coordinator_of_an_area_sees_that_area_and_all_below_it(cast: Cast) -> None:
    east, west, nowhere = case_in(cast, 120.03), case_in(cast, 120.01), case_in(cast, None)
    user = person("east")
    grant(user, cast.office, "coordinator", area=cast.east)
    assert sees(cast.actor(user), cast.office) == {east.pk}
    whole = person("whole")
    grant(whole, cast.office, "coordinator", area=cast.whole)
    assert sees(cast.actor(whole), cast.office) == {east.pk, west.pk}
    assert sees(cast.actor(cast.coordinator), cast.office) == {east.pk, west.pk, nowhere.pk}


def test_the_area_of_a_role_that_oversees_nothing_neither_widens_nor_narrows(cast: Cast) -> None:
    east, west = case_in(cast, 120.03), case_in(cast, 120.01)
    narrow, wide = person("narrow"), person("wide")
    grant(narrow, cast.office, "coordinator", area=cast.west)
    grant(narrow, cast.office, "worker", unit=cast.estate_unit, area=cast.east)
    grant(wide, cast.office, "leader")
    grant(wide, cast.office, "worker", unit=cast.estate_unit, area=cast.east)
    assert sees(cast.actor(narrow), cast.office) == {west.pk}
    assert sees(cast.actor(wide), cast.office) == {east.pk, west.pk}


def test_a_role_everywhere_beside_one_in_an_area_reaches_everywhere(cast: Cast) -> None:
    east, west = case_in(cast, 120.03), case_in(cast, 120.01)
    user = person("both")
    grant(user, cast.office, "coordinator", area=cast.west)
    grant(user, cast.office, "leader")
    assert sees(cast.actor(user), cast.office) == {east.pk, west.pk}


def test_who_oversees_an_area_also_sees_what_the_own_unit_holds_elsewhere(cast: Cast) -> None:
    east, west = case_in(cast, 120.03, cast.roads_unit), case_in(cast, 120.01)
    case_in(cast, 120.03, cast.estate_unit)
    user = person("both")
    grant(user, cast.office, "coordinator", unit=cast.roads_unit, area=cast.west)
    assert sees(cast.actor(user), cast.office) == {east.pk, west.pk}


def test_a_handler_sees_what_the_unit_holds_now_in_whatever_area(cast: Cast) -> None:
    held, other = case_in(cast, 120.03, cast.roads_unit), case_in(cast, 120.03, cast.estate_unit)
    handler = cast.actor(cast.handler)
    assert sees(handler, cast.office) == {held.pk}
    assert cases.case_by_number(visible_to=handler, jurisdiction=cast.office, number=other.number) is None
    found, _ = cases.search_cases(
        visible_to=handler, jurisdiction=cast.office, wanted=CaseFilter(words="路面")
    )
    assert found == [held], "a search finds no more than may be seen"
    cases.release_case(case=held, unit=cast.roads_unit, by=SYSTEM, at=MONDAY)
    assert sees(handler, cast.office) == set()


def test_a_role_that_handles_nothing_opens_no_task_of_its_unit(cast: Cast) -> None:
    case = case_in(cast, 120.03)
    task = dispatch.dispatch_case(case=case, unit=cast.roads_unit, by=SYSTEM, at=MONDAY)
    for role in ("admin", "auditor"):
        user = person(role)
        grant(user, cast.office, role, unit=cast.roads_unit)
        actor = cast.actor(user)
        assert sees(actor, cast.office) == set()
        assert dispatch.work_list(visible_to=actor, jurisdiction=cast.office, at=MONDAY) == []
        assert dispatch.task_by_id(visible_to=actor, jurisdiction=cast.office, task_id=task.pk) is None


def test_cases_of_an_area_with_old_boundaries_stay_with_who_oversees_it(cast: Cast) -> None:
    case = case_in(cast, 120.03)
    user = person("east")
    grant(user, cast.office, "coordinator", area=cast.east)
    today = MONDAY.date() - timedelta(days=3)
    fresh = places.save_area(
        jurisdiction=cast.office,
        code="east",
        kind="community",
        names=cast.east.names,
        parent=cast.whole,
        valid_from=today,
        by="system",
        at=MONDAY,
    )
    assert case.area_id == cast.east.pk != fresh.pk
    assert sees(cast.actor(user), cast.office) == {case.pk}
    newcomer = person("new")
    grant(newcomer, cast.office, "coordinator", area=fresh)
    assert sees(cast.actor(newcomer), cast.office) == {case.pk}


def test_one_unit_convenes(cast: Cast) -> None:
    def convene(unit: Unit) -> None:
        actors.save_unit(
            jurisdiction=cast.office,
            code=unit.code,
            kind=unit.kind,
            names=unit.names,
            convening=True,
            by="system",
            at=MONDAY,
        )

    assert actors.convening_unit(cast.office) is None
    convene(cast.street_office)
    convene(cast.roads_unit)
    assert actors.convening_unit(cast.office) == cast.roads_unit
    assert actors.units(cast.office).filter(convening=True).count() == 1


def test_an_account_without_a_password_cannot_be_signed_in_to(db: None) -> None:
    user = person("nobody")
    assert not user.has_usable_password()
    actors.save_user(username="nobody", display_name="N", password="a-long-password", by="system", at=MONDAY)
    again = actors.save_user(username="nobody", display_name="N", password=None, by="system", at=MONDAY)
    assert again.check_password("a-long-password"), "a change of the name does not take the password away"


def take(key: str = "k", *, seconds: int = 0, limit: int = 3) -> bool:
    return actors.take_token(key, limit=limit, window_seconds=60, at=MONDAY + timedelta(seconds=seconds))


def test_the_counter_lets_so_many_pass_in_a_window_and_again_in_the_next(db: None) -> None:
    assert [take() for _ in range(5)] == [True, True, True, False, False]
    assert take("other"), "each key has its own"
    assert [take(seconds=59), take(seconds=60)] == [False, True]
    assert RateCounter.objects.count() == 2
    assert not RateCounter.objects.filter(key__in=["k", "other"]).exists(), "keys are kept as hashes"


@pytest.mark.django_db(transaction=True)
def test_of_64_at_the_same_moment_exactly_the_limit_pass() -> None:
    found = at_once([partial(take, "crowd", limit=10)] * 64)
    assert errors_of(found) == []
    assert found.count(True) == 10
    assert RateCounter.objects.get().used == 64
