"""An answer was given, cases were joined or reopened: everybody concerned hears of it once."""

import uuid

from gongzhi.apps.actors.public import SYSTEM, standing_unit
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import (
    AnswerGiven,
    Case,
    CaseEnded,
    CaseReopened,
    CasesJoined,
    CaseUnmerged,
    State,
)
from gongzhi.apps.channels import public as channels
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.kernel.events import on


@on(AnswerGiven)
def tell_answer(event: AnswerGiven, *, event_id: uuid.UUID) -> None:
    """Tell every reporter of the case of the answer, each once.

    Also those whose reports have been moved to another case since: it was an answer to them.
    """
    case = Case.objects.filter(pk=event.case_id).first()
    if case is None:
        return
    reports = cases.reports_since(case, event.at, visible_to=SYSTEM)
    about = f"answer:{event.answer_id}"
    channels.notify(reports=reports, about=about, by=SYSTEM, at=event.at, urgent=case.urgent)


@on(CasesJoined)
def tell_joined(event: CasesJoined, *, event_id: uuid.UUID) -> None:
    """Reporters who joined a case that has been answered hear of its latest answer; joined cases lose their tasks."""
    case = Case.objects.filter(pk=event.case_id).first()
    if case is None:
        return
    for merged in cases.merged_cases(case):
        dispatch.end_tasks(case=merged, by=SYSTEM, at=event.at)
    answers = [answer for answer in cases.answers_of(case) if answer.withdrawn is None]
    if answers:
        reports = cases.reports_since(case, event.at, visible_to=SYSTEM)
        about = f"answer:{answers[0].pk}"
        channels.notify(reports=reports, about=about, by=SYSTEM, at=event.at, urgent=case.urgent)


@on(CaseUnmerged)
def resume_tasks_of_unmerged(event: CaseUnmerged, *, event_id: uuid.UUID) -> None:
    """The units that had a case in hand when it was joined to another have it in hand again."""
    case = Case.objects.select_related("jurisdiction").filter(pk=event.case_id).first()
    if case is not None and case.phase in cases.OPEN_STATES:
        dispatch.resume_tasks(case=case, withdrawn_at=event.merged_at, by=SYSTEM, at=event.at)
        for task in list(dispatch.resumed_with_closed_units(case)):
            dispatch.hand_on_task(task=task, by=SYSTEM, at=event.at)


@on(CaseEnded)
def end_tasks_of_ended(event: CaseEnded, *, event_id: uuid.UUID) -> None:
    """A case that is closed or confirmed solved leaves no open tasks behind, unless it was opened again since."""
    case = Case.objects.select_related("jurisdiction").filter(pk=event.case_id).first()
    if case is not None and case.phase in cases.ENDED_STATES:
        dispatch.end_tasks(case=case, by=SYSTEM, at=event.at)
        _tell_closed(case, event)


def _tell_closed(case: Case, event: CaseEnded) -> None:
    """That the office has closed it; who confirmed it as solved knows. Once each time it is closed."""
    if case.phase == State.CLOSED:
        reports = cases.reports_since(case, event.at, visible_to=SYSTEM)
        about = f"closed:{case.pk}:{case.reopened_count}"
        channels.tell_step(reports=reports, about=about, by=SYSTEM, at=event.at, urgent=case.urgent)


@on(CaseReopened)
def hand_again(event: CaseReopened, *, event_id: uuid.UUID) -> None:
    """A reopened case goes back to the unit that answered, with a fresh promise; the desk sees it too.

    Where that unit has closed it goes to whoever took over, else by the power list, else to the desk.
    """
    case = Case.objects.select_related("jurisdiction", "lead_unit").filter(pk=event.case_id).first()
    if case is None or case.phase != State.REOPENED or case.lead_unit is None:
        return
    match = dispatch.rule_for(case, event.at)
    unit = standing_unit(case.lead_unit)
    if unit is None and match.item is None:
        dispatch.back_to_desk(case=case, unit=case.lead_unit, by=SYSTEM, at=event.at)
        return
    dispatch.dispatch_case(case=case, item=match.item, unit=unit, by=SYSTEM, at=event.at, since=event.at)
    cases.ask_desk(case=case, waits_for="reopened", by=SYSTEM, at=event.at)
