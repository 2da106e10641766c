"""A reporter complains about how a case was handled: a report of its own, which the unit never gets to see."""

from datetime import datetime

from django.db import transaction

from gongzhi.apps.actors.public import Actor, Unit, someone_else_decides
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.kinds.complaints import public as complaints
from gongzhi.apps.cases.public import Case
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.public import NewReport, ReceivedReport


def unit_complained_about(case: Case) -> Unit | None:
    """Who gave the latest answer, else who has the case in charge; None where it never left the desk."""
    answers = cases.answers_of(case)
    return answers[0].unit if answers and answers[0].unit is not None else case.lead_unit


@transaction.atomic
def complain_about_handling(*, case: Case, new: NewReport, by: Actor, at: datetime) -> ReceivedReport:
    """Take the complaint as a report. Its case waits at the desk; the same form sent twice is one complaint."""
    office = case.jurisdiction
    unit = unit_complained_about(case)
    received = channels.receive_report(jurisdiction=office, channel="web", new=new, by=by, at=at)
    complaints.note_complaint(
        report=received.report,
        about=case,
        unit=unit,
        desk_may_see=unit is not None and not someone_else_decides(unit, at),
        by=by.ref,
        at=at,
    )
    return received
