"""Plays the story through the real actions, each at its moment: nothing is written past them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from gongzhi.apps.actors import public as actors
from gongzhi.apps.actors.public import RESIDENT, Actor, Unit
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case, State
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.public import NewReport, Report
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.public import Task
from gongzhi.apps.places.public import Jurisdiction, place_points
from gongzhi.apps.understanding import public as understanding
from gongzhi.journeys.learning import correct_category
from gongzhi.journeys.report import hand_over
from gongzhi.kernel import worker
from gongzhi.kernel.errors import GongzhiError
from gongzhi.site.demo.story import Happening, Message

# Follow-ups so young are left as a suggestion for whoever tries the demonstration.
LEFT_APART: Final = timedelta(days=10)
ANOTHER_UNIT: Final = "经核对，此事由你单位承办更合适。"
SAME_MATTER: Final = "同一件事，合并办理。"


class Player:
    """The people of one demo office at work."""

    def __init__(self, jurisdiction: Jurisdiction, desk: Actor, now: datetime) -> None:
        self.jurisdiction, self.desk = jurisdiction, desk
        self.points = place_points(jurisdiction)
        self.reports: dict[str, Report] = {}
        self.left_out: list[str] = []
        self._now, self._owed = now, False
        self._staff: dict[int, Actor] = {}
        for grant in actors.grants(jurisdiction, now):
            if grant.unit_id is not None and grant.role in {"handler", "worker"}:
                who = actors.actor_of(user=grant.user, jurisdiction=jurisdiction, at=now)
                self._staff.setdefault(grant.unit_id, who)

    def play(self, happening: Happening) -> None:
        """Do one thing of the story. What an earlier step has made impossible is left out, as in life, and noted."""
        do: Callable[[Happening], None] = getattr(self, f"_{happening.kind}")
        # What is said is handled together, as a worker does; whoever acts on a case acts on what became of it.
        if self._owed and happening.kind != "say":
            worker.drain()
            self._owed = False
        try:
            do(happening)
        except GongzhiError as error:
            self.left_out.append(f"{happening.kind} {happening.message.id}: {type(error).__name__}")

    def _say(self, happening: Happening) -> None:
        message = happening.message
        received = channels.receive_report(
            jurisdiction=self.jurisdiction,
            channel=message.channel,
            new=self._new_report(message),
            by=self.desk if message.channel == "worker" else RESIDENT,
            at=happening.at,
        )
        self.reports[message.id] = received.report
        self._owed = True

    def _new_report(self, message: Message) -> NewReport:
        # Who chose the place on the map gave a point; who only named it did not.
        point = self.points.get(message.place or "") if message.channel == "web" else None
        contact = message.contact or {}
        return NewReport(
            text=message.text,
            request_type=message.request_type,
            place_words=message.place_words,
            lon=point[0] if point else None,
            lat=point[1] if point else None,
            external_key=message.id if message.channel == "hotline_file" else None,
            contact_name=contact.get("name", ""),
            contact_phone=contact.get("phone", ""),
        )

    def _case(self, message: Message) -> Case:
        case = cases.case_of(self.reports[message.id])
        if case is None:
            raise cases.CaseError
        return case

    def _decide(self, happening: Happening) -> None:
        message, at = happening.message, happening.at
        case = self._case(message)
        if message.same_as and self._joins(case, message, at):
            return
        reading = understanding.reading_of([self.reports[message.id].pk])[self.reports[message.id].pk]
        if message.confirmed or reading.abstained or reading.category != message.category:
            case = correct_category(case=case, category=message.category, by=self.desk, at=at)
        for suggestion in cases.suggestions_of([case]).get(case.pk, []):
            cases.decline_same(case=case, other=suggestion.other, by=self.desk, at=at)
        case = self._case(message)
        if case.phase == State.NEW and case.lead_unit_id is None and message.category != "other.unclear":
            hand_over(case, at)

    def _joins(self, case: Case, message: Message, at: datetime) -> bool:
        """Join a follow-up to its first message's case; some are left for the visitor to see."""
        first = cases.case_of(self.reports[message.same_as or ""])
        if first is None or first.pk == case.pk or at > self._now - LEFT_APART:
            return False
        cases.join_cases(into=first, cases=[case], by=self.desk, at=at, reason=SAME_MATTER)
        self._owed = True
        return True

    def _lead(self, message: Message) -> tuple[Task, Actor]:
        tasks = dispatch.tasks_of(self._case(message))
        for task in tasks:
            if task.role == "lead" and task.state in dispatch.OPEN_TASKS:
                return task, self._staff.get(task.unit_id, self.desk)
        raise cases.CaseError

    def _accept(self, happening: Happening) -> None:
        if not happening.step and self._case(happening.message).lead_unit_id is None:
            return  # what no line covers still waits at the desk
        task, who = self._lead(happening.message)
        dispatch.accept_task(task=task, by=who, at=happening.at)

    def _return(self, happening: Happening) -> None:
        task, who = self._lead(happening.message)
        dispatch.return_task(task=task, reason=happening.step["reason"], by=who, at=happening.at)

    def _again(self, happening: Happening) -> None:
        """The desk hands a returned case to another unit: a helper of the line, else the convening unit."""
        case = self._case(happening.message)
        match = dispatch.rule_for(case, happening.at)
        helpers: list[Unit] = list(match.item.helpers.all()) if match.item else []
        unit = helpers[0] if helpers else actors.convening_unit(self.jurisdiction)
        dispatch.dispatch_case(
            case=case, item=match.item, unit=unit, reason=ANOTHER_UNIT, by=self.desk, at=happening.at
        )

    def _answer(self, happening: Happening) -> None:
        text, at = happening.step["text"], happening.at
        try:
            task, who = self._lead(happening.message)
        except cases.CaseError:
            case = self._case(happening.message)
            cases.answer_case(case=case, text=text, unit=case.lead_unit, by=self.desk, at=at)
        else:
            dispatch.answer_task(task=task, text=text, by=who, at=at)
        self._owed = True

    def _close(self, happening: Happening) -> None:
        cases.close_case(case=self._case(happening.message), by=self.desk, at=happening.at)
        self._owed = True

    def _rate(self, happening: Happening) -> None:
        step = happening.step
        cases.rate_case(
            report=self.reports[happening.message.id],
            contacted=step["contacted"],
            solved=step["solved"],
            satisfaction=step["satisfaction"],
            comment=step.get("comment", ""),
            by=RESIDENT,
            at=happening.at,
        )
        self._owed = True
