"""Reads of cases. Every read for staff takes `visible_to`; lists are keyset-paged and never counted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from gongzhi.apps.actors.public import Actor, Unit
from gongzhi.apps.cases import rules
from gongzhi.apps.cases.models import Answer, Case, Complaint, Holding, Membership, Rating, Step, Suggestion
from gongzhi.apps.cases.paging import Choice, Cursor, load, newest_page
from gongzhi.apps.cases.rules import State
from gongzhi.apps.channels.public import Report
from gongzhi.apps.places.public import Around, Jurisdiction, descend
from gongzhi.apps.understanding.public import categories

PAGE = 20
# Few cases are in these states however many there were; all others are in the ended ones.
_LIVE = rules.OPEN_STATES | {State.ANSWERED}


def visible_cases(*, visible_to: Actor, jurisdiction: Jurisdiction) -> QuerySet[Case]:
    """The cases this person may see: all of the areas of a coordinator, and those the person's units hold."""
    rows = Case.objects.filter(jurisdiction=jurisdiction)
    if not visible_to.works_in(jurisdiction.pk):
        return rows.none()
    if visible_to.unit_ids:
        rows = rows.exclude(pk__in=hidden_from(visible_to))
    if visible_to.may("see_all_cases") and not visible_to.area_ids:
        return rows
    held = Holding.objects.filter(unit_id__in=visible_to.unit_ids, until=None)
    seen = Q(pk__in=held.values("case_id")) if visible_to.may("handle_task") else Q(pk__in=())
    if visible_to.may("see_all_cases"):
        seen |= Q(area_id__in=visible_to.area_ids)
    return rows.filter(seen)


def hidden_from(visible_to: Actor) -> QuerySet[Complaint, int | None]:
    """The ids of the cases that complain about a unit of this person, or about one that a unit of theirs took over.

    Coordinators see them nevertheless where nobody outside the unit could decide on them.
    """
    ids = visible_to.unit_ids
    # The units first and on their own: so the complaints are found by an index, not looked through.
    own = Unit.objects.filter(Q(pk__in=ids) | Q(successor__in=ids) | Q(successor__successor__in=ids))
    rows = Complaint.objects.filter(unit__in=own, case__isnull=False)
    rows = rows.filter(desk_may_see=False) if visible_to.may("decide_case") else rows
    return rows.values_list("case_id", flat=True)


def case_by_number(*, visible_to: Actor, jurisdiction: Jurisdiction, number: str) -> Case | None:
    """The case with this number if this person may see it."""
    case_id = rules.case_id_of(number, jurisdiction.number_prefix)
    if case_id is None:
        return None
    rows = visible_cases(visible_to=visible_to, jurisdiction=jurisdiction)
    return rows.select_related("jurisdiction", "area", "lead_unit", "merged_into").filter(pk=case_id).first()


@dataclass(frozen=True)
class CaseFilter:
    """What a search is narrowed to; empty fields do not narrow."""

    words: str = ""
    states: tuple[str, ...] = ()
    category: str = ""
    area_id: int | None = None
    unit_id: int | None = None
    waits_for: str = ""
    late_at: datetime | None = None
    area_ended_before: date | None = None


def search_cases(
    *,
    visible_to: Actor,
    jurisdiction: Jurisdiction,
    wanted: CaseFilter,
    after: Cursor | None = None,
    limit: int = PAGE,
) -> tuple[list[Case], Cursor | None]:
    """Cases newest first after the cursor, and the cursor of the next page if there is one."""
    rows = visible_cases(visible_to=visible_to, jurisdiction=jurisdiction)
    rows, choice = _narrow(rows, wanted, jurisdiction)
    return newest_page(rows, jurisdiction=jurisdiction, after=after, limit=limit, choice=choice)


def _narrow(
    rows: QuerySet[Case], wanted: CaseFilter, jurisdiction: Jurisdiction
) -> tuple[QuerySet[Case], Choice]:
    """The rows that fit, but for one condition with several values that is left to the page."""
    if not wanted.states and not wanted.words:
        rows = rows.exclude(state=State.MERGED)
    if wanted.unit_id is not None:
        rows = rows.filter(lead_unit_id=wanted.unit_id)
    if wanted.waits_for:
        rows = rows.filter(waits_for=wanted.waits_for)
    rows = _open_ones(rows, wanted)
    if wanted.words.strip():
        rows = _with_words(rows, wanted.words, jurisdiction)
    first, *others = [*_choices(wanted, jurisdiction), Choice()]
    for choice in others:
        rows = _having(rows, choice)
    return rows, first


def _having(rows: QuerySet[Case], choice: Choice) -> QuerySet[Case]:
    if not choice.values:
        return rows
    if choice.column == "state":
        # Nearly all cases have ended. Said as what it is not, no index of states is walked for it.
        return rows.exclude(state__in=[str(state) for state in State if state not in choice.values])
    return rows.filter(**{f"{choice.column}__in": choice.values})


def _choices(wanted: CaseFilter, jurisdiction: Jurisdiction) -> list[Choice]:
    """The conditions with several values, that first which leaves fewest cases when there are very many."""
    found = []
    if wanted.category:
        found.append(Choice("category", _below(wanted.category, jurisdiction)))
    if wanted.area_id is not None:
        found.append(Choice("area_id", tuple(descend(jurisdiction, wanted.area_id))))
    by_state = Choice("state", tuple(map(str, wanted.states)))
    return [by_state, *found] if wanted.states and _LIVE.issuperset(wanted.states) else [*found, by_state]


def _below(category: str, jurisdiction: Jurisdiction) -> tuple[str, ...]:
    """The category and all that were ever below it."""
    tree = categories(jurisdiction)
    every = dict.fromkeys([category, *tree.keys(), *tree.retired()])
    return tuple(key for key in every if key == category or key.startswith(f"{category}."))


def _open_ones(rows: QuerySet[Case], wanted: CaseFilter) -> QuerySet[Case]:
    """What only open cases can be: late, or in an area that has ended."""
    if wanted.late_at is not None:
        rows = rows.filter(state__in=rules.OPEN_STATES, due_at__lt=wanted.late_at)
    if wanted.area_ended_before is not None:
        rows = rows.filter(state__in=rules.OPEN_STATES, area__valid_to__lt=wanted.area_ended_before)
    return rows


def _with_words(rows: QuerySet[Case], words: str, jurisdiction: Jurisdiction) -> QuerySet[Case]:
    case_id = rules.case_id_of(words, jurisdiction.number_prefix)
    if case_id is not None:
        return rows.filter(pk=case_id)
    said = Report.objects.filter(jurisdiction=jurisdiction)
    for word in words.split()[:5]:
        said = said.filter(
            Q(text__icontains=word) | Q(place_words__icontains=word) | Q(title__icontains=word)
        )
    return rows.filter(pk__in=Membership.objects.filter(report__in=said, until=None).values("case_id"))


@dataclass(frozen=True)
class InboxGroup:
    """What waits at the desk for one reason: how many, and the first few."""

    waits_for: str
    count: int
    cases: list[Case]


def inbox(
    *, visible_to: Actor, jurisdiction: Jurisdiction, at: datetime, limit: int = PAGE
) -> list[InboxGroup]:
    """All that needs a human, grouped by why, most pressing group first. Groups with nothing are left out."""
    rows = visible_cases(visible_to=visible_to, jurisdiction=jurisdiction).exclude(state=State.MERGED)
    waiting = rows.filter(
        waits_for__in=rules.WAITS
    )  # said so, an index finds them among all that wait for nothing
    counts = dict(waiting.order_by().values_list("waits_for").annotate(n=Count("pk")))
    late = rows.filter(state__in=rules.OPEN_STATES, due_at__lt=at, waits_for="")
    counts["late"] = counts.get("late", 0) + late.count()
    groups = []
    for reason in rules.WAITS:
        if counts.get(reason):
            chosen = late if reason == "late" else rows.filter(waits_for=reason)
            order = ("due_at", "pk") if reason == "late" else ("last_step_at", "pk")
            ids = list(chosen.order_by(*order).values_list("pk", flat=True)[:limit])
            cases = load(ids, jurisdiction)
            groups.append(InboxGroup(reason, counts[reason], cases))
    return groups


def public_cases(
    *,
    jurisdiction: Jurisdiction,
    since: datetime,
    hidden_categories: Sequence[str] = (),
    category: str = "",
    states: Sequence[str] = (),
    area_id: int | None = None,
    after: Cursor | None = None,
    limit: int = PAGE,
    around: Around | None = None,
) -> tuple[list[Case], Cursor | None]:
    """What the public may see: open cases and those ended since `since`; the page shows no words of reporters."""
    rows = Case.objects.filter(jurisdiction=jurisdiction).exclude(state=State.MERGED)
    rows = rows.exclude(category__in=list(hidden_categories)).exclude(category="")
    # Complaints about handling are between the reporter and the desk.
    rows = rows.exclude(Exists(Complaint.objects.filter(case=OuterRef("pk"))))
    rows = rows.exclude(state__in=rules.ENDED_STATES, last_step_at__lt=since)
    wanted = CaseFilter(category=category, area_id=area_id, states=tuple(map(str, states)))
    rows, choice = _narrow(rows, wanted, jurisdiction)
    return newest_page(
        rows, jurisdiction=jurisdiction, after=after, limit=limit, choice=choice, around=around
    )


def reports_of(case: Case, *, visible_to: Actor) -> list[Report]:
    """The reports that belong to the case now, oldest first; none for staff of another office.

    The caller has found the case with `visible_cases` or by a task of the person's own unit.
    """
    if not visible_to.works_in(case.jurisdiction_id):
        return []
    members = Membership.objects.filter(case=case, until=None).select_related(
        "report__jurisdiction", "report__area"
    )
    return [m.report for m in members.order_by("report__received_at", "pk")]


def reports_since(case: Case, at: datetime, *, visible_to: Actor) -> list[Report]:
    """The reports that belong to the case now or left it at or after the moment: who was there then is to be told."""
    if not visible_to.works_in(case.jurisdiction_id):
        return []
    members = Membership.objects.filter(Q(until=None) | Q(until__gte=at), case=case)
    return list({m.report_id: m.report for m in members.select_related("report").order_by("pk")}.values())


def first_reports(cases: Iterable[Case], *, visible_to: Actor) -> dict[int, tuple[Report, int]]:
    """For each case its oldest report and how many reports it has, in one query; as `reports_of` for visibility."""
    found: dict[int, tuple[Report, int]] = {}
    own = [case for case in cases if visible_to.works_in(case.jurisdiction_id)]
    members = Membership.objects.filter(case__in=own, until=None).select_related("report")
    for member in members.order_by("report__received_at", "pk"):
        report, count = found.get(member.case_id, (member.report, 0))
        found[member.case_id] = (report, count + 1)
    return found


def case_of(report: Report) -> Case | None:
    """The case that a report belongs to now."""
    member = (
        Membership.objects.filter(report=report, until=None)
        .select_related("case__jurisdiction", "case__area", "case__lead_unit")
        .first()
    )
    return member.case if member else None


def cases_of(report_ids: Iterable[int]) -> dict[int, Case]:
    """The case of each report, by report id."""
    members = Membership.objects.filter(report_id__in=list(report_ids), until=None)
    return {
        m.report_id: m.case
        for m in members.select_related("case__jurisdiction", "case__area", "case__lead_unit")
    }


def timeline(case: Case, *, public_only: bool) -> list[Step]:
    """The steps of a case, oldest first."""
    rows = Step.objects.filter(case=case).select_related("unit")
    rows = rows.filter(public=True) if public_only else rows
    return list(rows.order_by("at", "pk"))


def last_steps(cases: Iterable[Case], kinds: Iterable[str]) -> dict[int, Step]:
    """For each case its latest step of these kinds; one query whatever the number of cases."""
    rows = Step.objects.filter(case__in=list(cases), kind__in=list(kinds)).select_related("unit")
    return {row.case_id: row for row in rows.order_by("at", "pk")}


def answers_of(case: Case) -> list[Answer]:
    """The public answers, newest first, also those that were withdrawn (`answer.withdrawn`)."""
    rows = Answer.objects.filter(case=case).select_related("unit", "retraction__unit")
    return list(rows.order_by("-at", "-pk"))


def ratings_of(case: Case) -> list[Rating]:
    """What reporters said of the answers, newest first."""
    return list(Rating.objects.filter(case=case).order_by("-at", "-pk"))


def latest_rating(report: Report) -> Rating | None:
    """The reporter's latest word."""
    return Rating.objects.filter(report=report).order_by("-at", "-pk").first()


def suggestions_of(cases: Iterable[Case]) -> dict[int, list[Suggestion]]:
    """For each case those that are perhaps the same and that nobody has decided on, most alike first; one query."""
    rows = Suggestion.objects.filter(case__in=list(cases), state="open").exclude(other__state=State.MERGED)
    rows = rows.select_related("case", "other__jurisdiction", "other__area", "other__lead_unit")
    found: dict[int, list[Suggestion]] = {}
    for row in rows.order_by("-score", "pk"):
        found.setdefault(row.case_id, []).append(row)
    return found


def merged_cases(case: Case) -> list[Case]:
    """The cases that were joined into this one and may be taken out again."""
    return list(Case.objects.filter(merged_into=case).select_related("jurisdiction").order_by("pk"))
