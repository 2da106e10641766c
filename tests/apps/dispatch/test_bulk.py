"""One decision for many cases: by rights, once, case by case, undone as a whole, never over somebody's work."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.models import Holding
from gongzhi.apps.cases.public import Case, Step
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.bulk import public as bulk
from gongzhi.apps.dispatch.bulk.public import BulkError, BulkRun
from gongzhi.apps.ledger.models import Entry
from gongzhi.journeys import bulk as _journey  # noqa: F401  (subscribes)
from gongzhi.kernel import worker
from tests.cast import MONDAY, Cast, make_cast, say

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(hours=1)
UNDO = MONDAY + timedelta(hours=2)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def opened(cast: Cast, category: str = "roads.potholes", **more: Any) -> Case:
    report, _ = say(cast)
    return cases.open_case(report=report, category=category, by=SYSTEM, at=MONDAY, **more)


def order(cast: Cast, kind: str, chosen: list[Case], key: uuid.UUID | None = None, **more: Any) -> BulkRun:
    return bulk.order_run(
        jurisdiction=cast.office,
        kind=kind,
        key=key or uuid.uuid4(),
        chosen={case.pk: Case.objects.get(pk=case.pk).version for case in chosen},
        by=cast.actor(cast.coordinator),
        at=LATER,
        **more,
    )


def carried_out(run: BulkRun) -> list[str]:
    bulk.carry_out(run_id=run.pk, at=LATER)
    return list(run.items.order_by("pk").values_list("state", flat=True))


def undone(cast: Cast, run: BulkRun) -> list[str]:
    run.refresh_from_db()
    bulk.order_undo(run=run, by=cast.actor(cast.coordinator), at=UNDO)
    bulk.undo(run_id=run.pk, at=UNDO)
    return list(run.items.order_by("pk").values_list("state", flat=True))


def stand(case: Case) -> tuple[Any, ...]:
    """What must be the same again after an undoing: state, why it waits, who has it, with which tasks."""
    case = Case.objects.get(pk=case.pk)
    tasks = [(t.unit_id, t.role, t.state) for t in dispatch.open_tasks([case.pk]).get(case.pk, [])]
    held = sorted(Holding.objects.filter(case=case, until=None).values_list("unit_id", "role"))
    return case.state, case.waits_for, case.lead_unit_id, tasks, held


def steps(case: Case, kind: str) -> int:
    return Step.objects.filter(case=case, kind=kind).count()


def test_cases_go_to_their_units_by_the_list_and_one_without_a_line_stays(cast: Cast) -> None:
    holes, noise = [opened(cast), opened(cast, waits_for="unsure")], opened(cast, "environment.noise")
    run = order(cast, bulk.RULE, [*holes, noise])
    assert carried_out(run) == ["done", "done", "refused"]
    assert [stand(case)[0] for case in (*holes, noise)] == ["dispatched", "dispatched", "new"]
    assert "power list" in run.items.get(case=noise).why or "权力清单" in run.items.get(case=noise).why
    # One entry in the history of each, and what was decided together is itself on record.
    assert [steps(case, "dispatched") for case in holes] == [1, 1]
    assert Entry.objects.filter(kind="dispatch.bulk_ordered", subject=f"bulkrun:{run.pk}").count() == 1


def test_sent_twice_and_carried_out_twice_it_happens_once(cast: Cast) -> None:
    case, key = opened(cast), uuid.uuid4()
    first = order(cast, bulk.RULE, [case], key)
    assert order(cast, bulk.RULE, [case], key) == first
    carried_out(first)
    assert carried_out(first) == ["done"]
    assert steps(case, "dispatched") == 1
    worker.drain()
    assert steps(case, "dispatched") == 1


@pytest.mark.parametrize("kind", [bulk.UNIT, bulk.ANSWER])
def test_undoing_gives_back_what_was_before(cast: Cast, kind: str) -> None:
    fresh, handed, taken = (opened(cast, waits_for="unsure") for _ in range(3))
    for case in (handed, taken):
        dispatch.dispatch_case(case=case, item=cast.pothole_rule, by=SYSTEM, at=MONDAY)
    dispatch.add_helper(case=handed, unit=cast.estate_unit, reason="", by=SYSTEM, at=MONDAY)
    dispatch.accept_task(task=dispatch.tasks_of(taken)[0], by=cast.actor(cast.handler), at=MONDAY)
    chosen = [fresh, handed, taken]
    before = [stand(case) for case in chosen]
    run = order(cast, kind, chosen, unit=cast.estate_unit, text="统一处理，原因见通知。")
    assert carried_out(run) == ["done"] * 3
    assert all(stand(case) != old for case, old in zip(chosen, before, strict=True))
    assert undone(cast, run) == ["undone"] * 3
    after = [stand(case) for case in chosen]
    if kind == bulk.UNIT:
        assert after == before
    else:  # a withdrawn answer leaves a case in hand with its unit, or at the desk with this reason
        assert [row[2] for row in after] == [row[2] for row in before]
        assert [row[0] for row in after] == ["new", "accepted", "accepted"]
    with pytest.raises(BulkError):
        bulk.order_undo(run=BulkRun.objects.get(pk=run.pk), by=cast.actor(cast.coordinator), at=UNDO)


def test_joining_writes_one_step_on_the_case_that_stays_and_can_be_undone(cast: Cast) -> None:
    chosen = [opened(cast) for _ in range(4)]
    run = order(cast, bulk.JOIN, chosen, text="同一个坑")
    assert carried_out(run) == ["done"] * 3
    assert [stand(case)[0] for case in chosen] == ["new", "merged", "merged", "merged"]
    assert steps(chosen[0], "joined") == 1
    assert undone(cast, run) == ["undone"] * 3
    assert [stand(case)[0] for case in chosen] == ["new"] * 4


def test_what_somebody_worked_on_meanwhile_is_left_alone(cast: Cast) -> None:
    changed, plain = opened(cast), opened(cast)
    run = order(cast, bulk.RULE, [changed, plain])
    cases.add_note(case=changed, text="看过了", by=SYSTEM, at=MONDAY)
    assert carried_out(run) == ["refused", "done"]
    task = dispatch.tasks_of(plain)[0]
    dispatch.accept_task(task=task, by=cast.actor(cast.handler), at=LATER)
    assert undone(cast, run) == ["refused", "kept"]
    assert stand(plain)[0] == "accepted"


def test_danger_and_reopened_cases_are_never_decided_together(cast: Cast) -> None:
    urgent, plain = opened(cast, urgent=True), opened(cast)
    run = order(cast, bulk.ANSWER, [urgent, plain], text="已安排。")
    assert carried_out(run) == ["refused", "done"]


def test_who_may_not_decide_orders_nothing_and_unseen_cases_are_left_out(cast: Cast) -> None:
    case = opened(cast)
    for user in (cast.handler, cast.leader, cast.admin):
        with pytest.raises(BulkError):
            bulk.order_run(
                jurisdiction=cast.office,
                kind=bulk.RULE,
                key=uuid.uuid4(),
                chosen={case.pk: 0},
                by=cast.actor(user),
                at=LATER,
            )
    assert not BulkRun.objects.exists()


def test_a_role_that_ended_before_the_worker_came_decides_nothing(cast: Cast) -> None:
    from gongzhi.apps.actors.models import Grant

    case = opened(cast)
    run = order(cast, bulk.RULE, [case])
    Grant.objects.filter(user=cast.coordinator).update(until=MONDAY)
    assert carried_out(run) == ["refused"]
    assert stand(case)[0] == "new"


def test_what_is_missing_is_said(cast: Cast) -> None:
    case = opened(cast)
    for kind, more in ((bulk.UNIT, {"text": "x"}), (bulk.ANSWER, {}), (bulk.JOIN, {"text": "x"}), ("x", {})):
        with pytest.raises(BulkError):
            order(cast, kind, [case], **more)
    with pytest.raises(BulkError, match="200"):
        bulk.check_order(bulk.RULE, bulk.MAX_CASES + 1, None, "")


def test_from_the_list_over_the_preview_to_the_end_and_back(cast: Cast, client: Client) -> None:
    chosen = [opened(cast) for _ in range(3)]
    client.force_login(cast.coordinator)
    assert "/river/desk/bulk/?" in client.get("/river/desk/cases/").content.decode()
    page = client.get("/river/desk/bulk/?category=roads.potholes").content.decode()
    ticks = [f"{case.pk}:{Case.objects.get(pk=case.pk).version}" for case in chosen]
    assert all(f'value="{tick}"' in page for tick in ticks)
    sent = {"kind": "unit", "unit": str(cast.estate_unit.pk), "text": "", "case": ticks}
    refused = client.post("/river/desk/bulk/preview/", sent)
    assert refused.status_code == 409
    preview = client.post("/river/desk/bulk/preview/", sent | {"text": "东苑物业负责这几处。"})
    assert preview.context["doing"] == 3
    assert not BulkRun.objects.exists()
    given = sent | {"text": "东苑物业负责这几处。", "key": str(preview.context["key"])}
    first, second = (client.post("/river/desk/bulk/do/", given) for _ in range(2))
    assert first.url == second.url
    worker.drain()
    assert {stand(case)[2] for case in chosen} == {cast.estate_unit.pk}
    assert client.get(first.url).context["progress"].done == 3
    client.post(f"{first.url}undo/")
    worker.drain()
    assert client.get(first.url).context["progress"].undone == 3
    assert {stand(case)[0] for case in chosen} == {"new"}
    assert BulkRun.objects.count() == 1


def test_the_preview_asks_as_much_for_many_as_for_few(cast: Cast, client: Client) -> None:
    client.force_login(cast.coordinator)

    def asked(n: int) -> int:
        ticks = [f"{opened(cast).pk}:0" for _ in range(n)]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.post("/river/desk/bulk/preview/", {"kind": "rule", "case": ticks})
        return len(queries)

    asked(1)  # small tables are kept from now on
    assert asked(2) == asked(12)
