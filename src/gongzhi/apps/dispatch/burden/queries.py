"""Reads: what was asked by whom of which group, what a week holds, what was asked before. By form, never by person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Q, Sum

from gongzhi.apps.actors.public import Unit
from gongzhi.apps.dispatch.burden import rules
from gongzhi.apps.dispatch.burden.models import Ask, AskForm, MinuteCount, WeekBudget
from gongzhi.apps.dispatch.models import Task
from gongzhi.apps.places.public import Jurisdiction

MOST_ROWS = 500


def minutes_of(form_ids: Iterable[int]) -> dict[int, int]:
    """By form the band of the middle answer; forms with fewer than five answers are not in it. One statement."""
    counts: dict[int, dict[int, int]] = {}
    rows = MinuteCount.objects.filter(form_id__in=list(form_ids))
    for form_id, band, answers in rows.values_list("form_id", "band", "answers"):
        counts.setdefault(form_id, {})[band] = answers
    medians = {form_id: rules.median_band(found) for form_id, found in counts.items()}
    return {form_id: band for form_id, band in medians.items() if band is not None}


@dataclass(frozen=True)
class Burden:
    """What a form asked in a span of days. `measured`: the minutes are a middle answer, not the sender's guess."""

    form: AskForm
    asks: int
    copies: int
    fields: int
    minutes: int
    measured: bool
    over: int

    @property
    def hours(self) -> float:
        """All copies together, in hours."""
        return self.copies * self.minutes / 60


def burden(jurisdiction: Jurisdiction, first: date, last: date) -> list[Burden]:
    """By form what was asked in the weeks that begin from the first day to the last, most hours first."""
    rows = Ask.objects.filter(form__jurisdiction=jurisdiction, week__gte=first, week__lte=last)
    sums = rows.values("form_id").annotate(
        n=Count("key", distinct=True), copies=Sum("copies"), over=Count("pk", filter=~Q(over_reason=""))
    )
    by_form = {row["form_id"]: row for row in sums.order_by("form_id")[:MOST_ROWS]}
    forms = AskForm.objects.select_related("sender").in_bulk(by_form)
    known = minutes_of(by_form)
    found = [
        Burden(
            form=forms[pk],
            asks=row["n"],
            copies=row["copies"],
            fields=len(forms[pk].fields),
            minutes=known.get(pk, forms[pk].supposed_minutes),
            measured=pk in known,
            over=row["over"],
        )
        for pk, row in by_form.items()
    ]
    return sorted(found, key=lambda b: (-b.hours, b.form.pk))


def tasks_by_group(jurisdiction: Jurisdiction, since: datetime, until: datetime) -> list[tuple[Unit, int]]:
    """How many tasks of cases each unit was given between two moments, most first."""
    rows = Task.objects.filter(
        case__jurisdiction=jurisdiction, offered_at__gte=since, offered_at__lt=until
    ).values("unit_id")
    counts = {row["unit_id"]: row["n"] for row in rows.annotate(n=Count("pk")).order_by("unit_id")}
    units = Unit.objects.in_bulk(counts)
    return sorted(((units[pk], n) for pk, n in counts.items()), key=lambda pair: (-pair[1], pair[0].pk))


def weeks_of(groups: Sequence[Unit], week: date, added: int) -> dict[int, rules.Week]:
    """By group the week from that Monday with what an ask would add, in minutes; two statements."""
    ids = [group.pk for group in groups]
    budgets = dict(WeekBudget.objects.filter(group__in=ids).values_list("group_id", "minutes"))
    sums = Ask.objects.filter(group__in=ids, week=week).values("group_id")
    used = {row["group_id"]: row["m"] for row in sums.annotate(m=Sum(F("copies") * F("minutes_each")))}
    return {pk: rules.Week(used.get(pk, 0), added, budgets.get(pk)) for pk in ids}


@dataclass(frozen=True)
class AskedBefore:
    """That another unit's form asked for some of the same fields."""

    form: AskForm
    shared: tuple[str, ...]
    share: float


def asked_before(
    *, sender: Unit, fields: Sequence[str], groups: Sequence[Unit], on: date
) -> list[AskedBefore]:
    """What other senders asked of these groups in the last 90 days with the same fields; one statement."""
    since = on - timedelta(days=rules.ASKED_BEFORE_DAYS)
    recent = Ask.objects.filter(group__in=[g.pk for g in groups], week__gte=since).values("form_id")
    rows = AskForm.objects.filter(pk__in=recent, jurisdiction_id=sender.jurisdiction_id)
    others = {form.pk: form for form in rows.exclude(sender=sender).select_related("sender")}
    found = rules.overlaps(fields, {pk: form.fields for pk, form in others.items()})
    return [AskedBefore(others[o.form_id], o.shared, o.share) for o in found]


def asked_of(groups: Iterable[int], since: date) -> list[Ask]:
    """What was asked of these groups (ids) in the weeks from that day, the newest first; 100 at the most."""
    rows = Ask.objects.filter(group_id__in=list(groups), week__gte=since)
    return list(rows.select_related("form__sender", "group").order_by("-sent_at", "-pk")[:100])


def budgets(jurisdiction: Jurisdiction) -> dict[int, int]:
    """The agreed minutes a week by group."""
    rows = WeekBudget.objects.filter(group__jurisdiction=jurisdiction)
    return dict(rows.values_list("group_id", "minutes"))
