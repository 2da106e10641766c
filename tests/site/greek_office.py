"""An office whose people write Greek: whatever is Latin on a Chinese page or Chinese on an English one is ours."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from gongzhi.apps.actors import public as actors
from gongzhi.apps.actors.public import SYSTEM, Grant, Unit, User
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case, Step
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.models import MessageState
from gongzhi.apps.channels.public import CleanPhoto, ImportRun, Message, Notice, Report
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.clocks import public as clocks
from gongzhi.apps.dispatch.clocks.public import Extension
from gongzhi.apps.dispatch.public import PowerItem, Task
from gongzhi.apps.dispatch.returns import public as returns
from gongzhi.apps.dispatch.returns.public import HandBack
from gongzhi.apps.places.public import Area
from gongzhi.apps.understanding.models import ModelVersion, Reading
from gongzhi.site import labels
from gongzhi.site.mail import told_words
from tests.cast import MONDAY, Cast, make_cast, say

HOLE, PLACE, WHY = "Μια τρύπα στον δρόμο.", "στο σχολείο", "για να ρωτήσω"
HAZARDS = ["gas_leak"]
REASONS: list[dict[str, Any]] = [
    {"key": "text_similarity", "value": 0.4},
    {"key": "shared_words", "value": "τρύπα"},
    {"key": "distance_m", "value": 40},
    {"key": "hours_apart", "value": 3.0},
    {"key": "place_words", "value": PLACE},
    {"key": "place_conflict", "value": f"{PLACE} / {HOLE}"},
    {"key": "category", "value": "roads.potholes"},
]
TOP = [("roads.potholes", 0.58), ("roads.streetlight", 0.22), ("sanitation.garbage", 0.11)]
DETAILS: dict[str, dict[str, Any]] = {
    "categorised": {"before": "roads.streetlight", "after": "roads.potholes"},
    "merged": {"into": "RV-000001"},
    "split": {"case": "RV-000002"},
    "not_same": {"other": "RV-000002"},
    "opened": {"split_from": "RV-000002"},
    "joined": {"cases": ["RV-000002"]},
    "rated": {"contacted": True, "solved": False, "satisfaction": 2},
    "placed": {
        "before": {"zh-hans": "旧", "zh-hant": "舊", "en": "Old"},
        "after": {"zh-hans": "新", "zh-hant": "新", "en": "New"},
    },
    "paused": {
        "reason": {"zh-hans": "天气", "zh-hant": "天氣", "en": "Weather"},
        "before": "2026-11-20T09:30:00+00:00",
        "after": "2026-11-23T09:30:00+00:00",
    },
    "recounted": {"before": "2026-11-20T09:30:00+00:00", "after": "2026-11-23T09:30:00+00:00"},
}


@dataclass
class GreekOffice:
    """The cast, a report with its code, one task in each state, one case for each reason to wait."""

    cast: Cast
    code: str
    full: Case
    waiting: dict[str, Case] = field(default_factory=dict)
    tasks: list[Task] = field(default_factory=list)
    run: ImportRun | None = None
    extension: Extension | None = None
    askings: list[HandBack] = field(default_factory=list)


def make_greek_office() -> GreekOffice:
    """Everything that a page may have to show, in the test's database."""
    cast = make_cast()
    _write_greek(cast)
    code, full = _full_case(cast)
    office = GreekOffice(cast, code, full)
    office.waiting = {reason: _waiting(cast, reason) for reason in cases.WAITS}
    cases.suggest_same(
        alike=[
            cases.Alike(office.waiting[reason].pk, full.pk, score, REASONS, MONDAY)
            for reason, score in (("maybe_same", 0.72), ("unsure", 0.995))
        ]
    )
    office.tasks = _tasks(cast)
    office.run = _import_runs(cast)
    office.extension = clocks.ask_extension(
        task=_lying(cast),
        words=WHY,
        new_day=date(2026, 11, 27),
        by=SYSTEM,
        at=MONDAY + timedelta(hours=2),
    )
    office.askings = [_asking(cast, claim) for claim in (*returns.CLAIMS, "wrong")]
    _models(cast)
    return office


def _write_greek(cast: Cast) -> None:
    """Names of people and short codes in Greek; names of places and units in all three languages."""
    for n, user in enumerate(User.objects.order_by("pk")):
        User.objects.filter(pk=user.pk).update(username=f"χρήστης{n}", display_name=f"Άνθρωπος {n}")
    for n, unit in enumerate(Unit.objects.order_by("pk")):
        Unit.objects.filter(pk=unit.pk).update(
            code=f"μονάδα{n}", phone="010 0000 0000", names=_traditional(unit.names)
        )
    for n, area in enumerate(Area.objects.order_by("pk")):
        Area.objects.filter(pk=area.pk).update(code=f"περιοχή{n}", names=_traditional(area.names))
    PowerItem.objects.update(code="γραμμή1", basis="Νόμος 21", source="Πηγή")
    for row in vars(cast).values():
        row.refresh_from_db()


def _traditional(names: dict[str, str]) -> dict[str, str]:
    return {**names, "zh-hant": names["zh-hans"].translate(str.maketrans("区办边", "區辦邊"))}


def read(report: Report, **more: Any) -> None:
    """A reading that is not sure."""
    values: dict[str, Any] = {
        "model_version": "test",
        "category": "roads.potholes",
        "probability": TOP[0][1],
        "top3": [{"category": c, "probability": p} for c, p in TOP],
        "words": [{"word": "τρύπα", "weight": 2.0}],
        "language": "",
        "abstained": True,
        "at": MONDAY,
    }
    Reading.objects.create(report=report, **(values | more))


def _full_case(cast: Cast) -> tuple[str, Case]:
    """A case with two reports, a photo, a contact that was looked at, an answer, a rating, and a step of each kind."""
    photo = CleanPhoto(b"\xff\xd8\xff\xd9", "0" * 64, 40, 30)
    contact = {"contact_phone": "010 0000 0000", "contact_email": "a@example.org", "mail_wish": "steps"}
    report, code = say(cast, HOLE, place_words=PLACE, photos=(photo,), **contact)
    read(report)
    case = cases.open_case(report=report, category="roads.potholes", by=SYSTEM, at=MONDAY)
    other, _code = say(cast, HOLE, place_words=PLACE)
    twin = cases.open_case(report=other, category="roads.potholes", by=SYSTEM, at=MONDAY)
    cases.join_cases(into=case, cases=[twin], by=SYSTEM, at=MONDAY, reason=WHY)
    dispatch.dispatch_case(case=case, item=cast.pothole_rule, by=SYSTEM, at=MONDAY)
    channels.view_contact(report=report, why=WHY, by=cast.actor(cast.coordinator), at=MONDAY)
    for n in range(2):
        at = MONDAY + timedelta(hours=1 + n)
        cases.answer_case(case=case, text=HOLE, unit=cast.roads_unit, by=SYSTEM, at=at)
    cases.rate_case(
        report=report,
        contacted=True,
        solved=True,
        satisfaction=4,
        comment=WHY,
        by=SYSTEM,
        at=MONDAY + timedelta(hours=3),
    )
    for kind in labels.STEP_NAMES:
        Step.objects.create(
            case=case, kind=kind, text=WHY, by_ref="user:1", by_label="Άνθρωπος", unit=cast.roads_unit,
            detail=DETAILS.get(kind, {}), at=MONDAY + timedelta(hours=3),
        )  # fmt: skip
    _tell(report)
    case.refresh_from_db()
    return code, case


def _tell(report: Report) -> None:
    """The reporter was told of each kind of thing; of the e-mails one is in each state."""
    at = MONDAY + timedelta(hours=4)
    states = [*MessageState, MessageState.BOUNCED]
    for state, kind in zip(states, (*told_words.KINDS, "other"), strict=True):
        notice = Notice.objects.create(report=report, about=f"{kind}:1", created_at=at)
        Message.objects.create(notice=notice, state=state, next_try_at=at, ended_at=at, created_at=at)


def _waiting(cast: Cast, reason: str) -> Case:
    """A case that waits at the desk for this reason."""
    report, _code = say(cast, HOLE, place_words=PLACE, request_type="complaint")
    read(report, hazards=HAZARDS if reason == "safety" else [])
    waits_for = "" if reason == "late" else reason
    case = cases.open_case(
        report=report, category="roads.potholes", waits_for=waits_for, by=SYSTEM, at=MONDAY
    )
    if reason == "late":
        dispatch.dispatch_case(case=case, item=cast.pothole_rule, by=SYSTEM, at=MONDAY)
        Case.objects.filter(pk=case.pk).update(due_at=MONDAY - timedelta(days=3), urgent=True)
    for kind in ("returned", "rated", "retracted"):
        Step.objects.create(
            case=case, kind=kind, text=WHY, by_ref="user:1", by_label="Άνθρωπος", unit=cast.roads_unit,
            detail=DETAILS.get(kind, {}), at=MONDAY,
        )  # fmt: skip
    case.refresh_from_db()
    return case


def _tasks(cast: Cast) -> list[Task]:
    """Tasks of the roads unit: one in each state, some leading, one helping."""
    found = []
    for state in labels.TASK_STATES:
        report, _code = say(cast, HOLE, place_words=PLACE, contact_phone="010 0000 0000")
        case = cases.open_case(report=report, category="roads.potholes", by=SYSTEM, at=MONDAY)
        task = dispatch.dispatch_case(case=case, item=cast.pothole_rule, by=SYSTEM, at=MONDAY)
        Task.objects.filter(pk=task.pk).update(state=state)
        found.append(task)
    report, _code = say(cast, HOLE, place_words=PLACE)
    case = cases.open_case(report=report, category="sanitation.garbage", by=SYSTEM, at=MONDAY)
    dispatch.dispatch_case(case=case, unit=cast.estate_unit, reason=WHY, by=SYSTEM, at=MONDAY)
    found.append(dispatch.add_helper(case=case, unit=cast.roads_unit, reason=WHY, by=SYSTEM, at=MONDAY))
    return found


def _lying(cast: Cast) -> Task:
    """A case that lies with the roads unit."""
    report, _code = say(cast, HOLE, place_words=PLACE)
    case = cases.open_case(report=report, category="roads.potholes", by=SYSTEM, at=MONDAY)
    return dispatch.dispatch_case(case=case, item=cast.pothole_rule, by=SYSTEM, at=MONDAY)


def _asking(cast: Cast, claim: str) -> HandBack:
    """A case that the roads unit asks to hand back."""
    return returns.ask_return(
        task=_lying(cast),
        reason="other_duty",
        words=WHY,
        claim=claim,
        item=cast.pothole_rule if claim == "right" else None,
        by=SYSTEM,
        at=MONDAY + timedelta(hours=2),
    )


def _import_runs(cast: Cast) -> ImportRun:
    common = {
        "jurisdiction": cast.office,
        "mapping": "hotline_12345",
        "file_name": "αρχείο.csv",
        "sha256": "0" * 64,
    }
    last = None
    for dry_run, finished in ((False, True), (False, False), (True, True)):
        last = ImportRun.objects.create(
            **common, dry_run=dry_run, rows=5, added=3, known=1, refused=1, started_at=MONDAY,
            finished_at=MONDAY if finished else None, by_ref="user:1",
        )  # fmt: skip
    assert last is not None
    return last


def _models(cast: Cast) -> None:
    metrics = {"held_out": 412, "accuracy": 0.81, "top3": 0.94, "messages": 900, "own_messages": 300}
    for n, (own, active) in enumerate(((False, True), (True, True), (True, False))):
        ModelVersion.objects.create(
            jurisdiction=cast.office if own else None, version=f"{n}", folder=f"{n}", data_hash="9" * 64,
            metrics=metrics, created_at=MONDAY - timedelta(days=n), active=active,
        )  # fmt: skip


def grant_of(cast: Cast) -> Grant:
    """One role of somebody."""
    return actors.grants(cast.office, MONDAY)[0]
