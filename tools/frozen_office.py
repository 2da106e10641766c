"""Fills the empty database of the settings with a small invented office; freeze_database.py runs it, also with old code."""

import json
from datetime import timedelta
from typing import Any

# isort: off
from gongzhi.site import boot as _boot  # sets Django up before any model is imported
# isort: on

from django.core.management import call_command

from gongzhi.apps.actors.public import RESIDENT, SYSTEM, Actor
from gongzhi.apps.cases import public as cases
from gongzhi.apps.channels import public as channels
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.ledger import public as ledger
from gongzhi.kernel import worker
from tests.cast import MONDAY, make_cast, say

_BOOTED = _boot


def make_office() -> dict[str, Any]:
    """Make the office; returns what a test needs to look at it."""
    call_command("migrate", interactive=False, verbosity=0)
    cast = make_cast()
    first, code = say(cast, contact_name="Lin Invented", contact_phone="555-0100")
    others = [
        say(cast, f"{place}的路灯坏了三天，晚上走路看不见。", place_words=place) for place in ("北门", "河边")
    ]
    worker.drain()
    case = cases.case_of(first)
    assert case is not None
    author = Actor("resident", first.pk, RESIDENT.label)
    desk, handler = cast.actor(cast.coordinator), cast.actor(cast.handler)
    later = MONDAY + timedelta(hours=3)
    cases.set_category(case=case, category="roads.potholes", by=desk, at=later)
    task = dispatch.dispatch_case(case=case, item=cast.pothole_rule, by=desk, at=later)
    dispatch.accept_task(task=task, by=handler, at=later)
    channels.view_contact(report=first, why="to ask where exactly", by=handler, at=later)
    dispatch.answer_task(
        task=task, text="坑已填平。依据《城市道路管理条例》第二十一条。", by=handler, at=later
    )
    worker.drain()
    cases.rate_case(
        report=first, contacted=True, solved=True, satisfaction=5, comment="谢谢", by=author, at=later
    )
    cases.add_note(case=case, text="昨天又塌了一点", kind="added", by=author, at=later)
    cases.add_note(case=cases.case_of(others[0][0]) or case, text="等备件", by=SYSTEM, at=later)
    worker.drain()
    ledger.sequence(later)
    heads = {
        tree: (head.size, head.root) for tree in ledger.trees() if (head := ledger.latest_checkpoint(tree))
    }
    numbers = sorted(found.number for found in cases.Case.objects.select_related("jurisdiction"))
    return {"office": cast.office.code, "code": code, "cases": numbers, "heads": heads}


if __name__ == "__main__":
    print(json.dumps(make_office()))
