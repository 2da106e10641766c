"""Writes: asking a form of groups, saying how long it took, agreeing on what a week may hold."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from gongzhi.apps.actors.public import Actor, Unit
from gongzhi.apps.dispatch.burden import rules
from gongzhi.apps.dispatch.burden.models import Ask, AskForm, MinuteCount, WeekBudget
from gongzhi.apps.dispatch.burden.queries import minutes_of, weeks_of
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places.public import local_day
from gongzhi.kernel.errors import GongzhiError

MOST_COPIES = 10_000


class AskError(GongzhiError):
    """Something that cannot be asked."""


class OverBudgetError(AskError):
    """The week would hold more than was agreed, and no reason is given."""


def monday_of(day: date) -> date:
    """The Monday of the week in which the day lies."""
    return day - timedelta(days=day.weekday())


@transaction.atomic
def save_form(
    *, sender: Unit, name: str, fields: Sequence[str], supposed_minutes: int, by: Actor, at: datetime
) -> AskForm:
    """Create a form, or change the one of this sender that has the name. How long it takes is asked again then."""
    labels = [label.strip()[:80] for label in fields if rules.field_key(label)]
    if not name.strip() or not labels or not 1 <= supposed_minutes <= 10_000:
        raise AskError(
            _("The form is not complete."),
            hint=_("Give its name, its fields and how many minutes you suppose."),
        )
    values = {"fields": labels, "supposed_minutes": supposed_minutes}
    before = AskForm.objects.filter(
        jurisdiction=sender.jurisdiction, sender=sender, name=name.strip()
    ).first()
    form, _made = AskForm.objects.update_or_create(
        jurisdiction=sender.jurisdiction, sender=sender, name=name.strip()[:120], defaults=values
    )
    if before is not None and before.fields != labels:
        form.minute_counts.all().delete()
    _record(form.sender, "dispatch.ask_form_saved", f"askform:{form.pk}", by, at, {"fields": len(labels)})
    return form


def _record(
    unit: Unit, kind: str, subject: str, by: Actor, at: datetime, fields: dict[str, str | int], text: str = ""
) -> None:
    texts = {"reason": text} if text else {}
    tree = unit.jurisdiction.code
    ledger.record(tree=tree, kind=kind, subject=subject, by=by.ref, at=at, fields=fields, texts=texts)


@transaction.atomic
def send_ask(
    *,
    form: AskForm,
    groups: Sequence[Unit],
    copies: int,
    due_on: date,
    key: uuid.UUID,
    by: Actor,
    at: datetime,
    over_reason: str = "",
) -> list[Ask]:
    """Ask the form of each group, `copies` times. The same `key` sent twice asks once.

    OverBudgetError where a group's week would hold more than was agreed and no reason is given; the reason is kept.
    """
    known = list(Ask.objects.filter(key=key))
    if known:
        return known
    if form.sender_id not in by.unit_ids and not by.may("decide_case"):
        raise AskError(_("You do not work for the unit that asks."), hint=_("Choose one of your units."))
    today = local_day(form.jurisdiction, at)
    if not groups or not 1 <= copies <= MOST_COPIES or due_on < today:
        raise AskError(
            _("The ask is not complete."), hint=_("Choose groups, how many times, and a day from today on.")
        )
    # Two senders at once must see each other's ask: the groups' rows are held, in one order.
    ids = sorted(group.pk for group in groups)
    held = list(Unit.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk"))
    each, week = minutes_of([form.pk]).get(form.pk, form.supposed_minutes), monday_of(today)
    weeks = weeks_of(held, week, copies * each)
    if any(w.over for w in weeks.values()) and not over_reason.strip():
        raise OverBudgetError(
            _("The week of a group would hold more than was agreed."),
            hint=_("Ask less, or later; or write why it cannot wait. The reason is kept and shown."),
        )
    reason = over_reason.strip()[:300]
    made = [
        Ask(form=form, group=group, key=key, copies=copies, minutes_each=each, week=week, due_on=due_on,
            sent_at=at, over_reason=reason if weeks[group.pk].over else "")
        for group in held
    ]  # fmt: skip
    Ask.objects.bulk_create(made)
    fields: dict[str, str | int] = {"form": form.pk, "groups": len(held), "copies": copies}
    _record(form.sender, "dispatch.asked", f"askform:{form.pk}", by, at, fields, reason)
    return made


def note_minutes(*, form: AskForm, minutes: int) -> None:
    """Somebody says how long the form took. Counted by band and nothing else: not in the ledger, not who, not when."""
    band = rules.band_of(minutes)
    with transaction.atomic():
        row, _made = MinuteCount.objects.get_or_create(form=form, band=band)
        MinuteCount.objects.filter(pk=row.pk).update(answers=F("answers") + 1)


@transaction.atomic
def agree_budget(*, group: Unit, minutes: int | None, by: Actor, at: datetime) -> None:
    """Agree how many minutes of forms a week a group as a whole may be asked; None: nothing is agreed any more."""
    if minutes is None:
        WeekBudget.objects.filter(group=group).delete()
    else:
        WeekBudget.objects.update_or_create(group=group, defaults={"minutes": minutes})
    fields: dict[str, str | int] = {"minutes": minutes if minutes is not None else -1}
    _record(group, "dispatch.budget_agreed", f"unit:{group.pk}", by, at, fields)
