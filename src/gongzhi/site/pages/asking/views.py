"""What each sender asks: the ledger for all, the asking with its warning before, the counts of how long it took."""

import uuid
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from gongzhi.apps.actors.public import Unit, take_token, units
from gongzhi.apps.dispatch.burden import public as burden
from gongzhi.apps.dispatch.burden.public import AskForm
from gongzhi.apps.places.public import local_day
from gongzhi.kernel import clock
from gongzhi.kernel.errors import GongzhiError
from gongzhi.site.access import PageRequest, needs
from gongzhi.site.pages.asking.forms import AskFormForm

WEEKS: Final = (1, 4, 13, 52)
# Counted by form, never by person: not even for an hour is it kept who said something.
PER_HOUR: Final = 200


@needs("handle_task", "decide_case", "see_figures")
@require_GET
def asks(request: PageRequest) -> HttpResponse:
    """By sender and form what was asked; what the own units were asked; what was agreed with each group."""
    j, now = request.jurisdiction, clock.now()
    weeks = next((w for w in WEEKS if str(w) == request.GET.get("weeks", "")), 4)
    last = burden.monday_of(local_day(j, now))
    first = last - timedelta(weeks=weeks - 1)
    start = datetime.combine(first, time(0), tzinfo=ZoneInfo(j.zone)).astimezone(UTC)
    agreed = burden.budgets(j)
    groups = list(units(j))
    week = burden.weeks_of(groups, last, 0)
    context = {
        "rows": burden.burden(j, first, last),
        "tasks": burden.tasks_by_group(j, start, now),
        "weeks": weeks,
        "choices": WEEKS,
        "mine": burden.asked_of(request.actor.unit_ids, first),
        "bands": burden.BANDS,
        "fewest": burden.FEWEST,
        "groups": [(unit, week[unit.pk], agreed.get(unit.pk)) for unit in groups],
        "may_ask": bool(_senders(request)),
        "may_agree": request.actor.may("decide_case"),
    }
    return render(request, "asking/asks.html", context)


def _senders(request: PageRequest) -> list[Unit]:
    """In whose name this person asks: the own units, any for who decides cases."""
    rows = units(request.jurisdiction)
    if request.actor.may("decide_case"):
        return list(rows)
    return list(rows.filter(pk__in=request.actor.unit_ids)) if request.actor.may("handle_task") else []


@needs("handle_task", "decide_case")
def ask_new(request: PageRequest) -> HttpResponse:
    """Ask a form of groups. First comes what it means for their week; only the second button sends it."""
    senders = _senders(request)
    if request.method != "POST":
        form = AskFormForm(jurisdiction=request.jurisdiction, senders=senders)
        return render(request, "asking/new.html", {"form": form})
    form = AskFormForm(request.POST, jurisdiction=request.jurisdiction, senders=senders)
    if not form.is_valid():
        return render(request, "asking/new.html", {"form": form}, status=409)
    seen = _seen_before(request, form.cleaned_data)
    if "send" not in request.POST:
        return render(request, "asking/new.html", {"form": form, "key": uuid.uuid4(), **seen})
    try:
        _send(request, form.cleaned_data)
    except GongzhiError as error:
        more = {"form": form, "error": error, "error_hint": error.what_to_do(), "key": _key(request), **seen}
        return render(request, "asking/new.html", more, status=409)
    messages.success(request, _("Asked. The ledger of what is asked shows it."))
    return redirect("asks", j=request.jurisdiction.code)


def _key(request: PageRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid.uuid4()


def _seen_before(request: PageRequest, data: dict[str, Any]) -> dict[str, Any]:
    """What the ask means: each group's week with it, and what others have asked with the same fields."""
    today = local_day(request.jurisdiction, clock.now())
    sender, groups = data["sender"], list(data["groups"])
    known = AskForm.objects.filter(sender=sender, name=data["name"].strip()).first()
    measured = (
        burden.minutes_of([known.pk]).get(known.pk) if known and known.fields == data["fields_text"] else None
    )
    each = measured or data["supposed_minutes"]
    weeks = burden.weeks_of(groups, burden.monday_of(today), data["copies"] * each)
    before = burden.asked_before(sender=sender, fields=data["fields_text"], groups=groups, on=today)
    return {
        "each": each,
        "measured": measured is not None,
        "weeks": [(group, weeks[group.pk]) for group in groups],
        "over": any(week.over for week in weeks.values()),
        "before": before,
        "days": burden.ASKED_BEFORE_DAYS,
    }


def _send(request: PageRequest, data: dict[str, Any]) -> None:
    now = clock.now()
    form = burden.save_form(
        sender=data["sender"],
        name=data["name"],
        fields=data["fields_text"],
        supposed_minutes=data["supposed_minutes"],
        by=request.actor,
        at=now,
    )
    burden.send_ask(
        form=form,
        groups=list(data["groups"]),
        copies=data["copies"],
        due_on=data["due_on"],
        key=_key(request),
        over_reason=data["over_reason"],
        by=request.actor,
        at=now,
    )


@needs("handle_task")
@require_POST
def ask_minutes(request: PageRequest) -> HttpResponse:
    """Say how long a form took, if one likes: counted by band, and nothing of the person is kept."""
    chosen = {
        str(ask.form_id): ask.form for ask in burden.asked_of(request.actor.unit_ids, _year_ago(request))
    }
    form, band = chosen.get(request.POST.get("form", "")), request.POST.get("minutes", "")
    if form is None or band not in {str(b) for b in burden.BANDS}:
        messages.error(request, _("Please choose how many minutes it took."))
    elif not take_token(f"minutes:{form.pk}", limit=PER_HOUR, window_seconds=3600, at=clock.now()):
        messages.error(request, _("This form was answered very often just now. Please try again in an hour."))
    else:
        burden.note_minutes(form=form, minutes=int(band))
        messages.success(request, _("Counted. Nobody can see who said it."))
    return redirect("asks", j=request.jurisdiction.code)


def _year_ago(request: PageRequest) -> Any:
    return local_day(request.jurisdiction, clock.now()) - timedelta(days=366)


@needs("decide_case")
@require_POST
def ask_agree(request: PageRequest) -> HttpResponse:
    """Write down how many minutes a week were agreed for a group; an empty field ends it."""
    group = units(request.jurisdiction).filter(code=request.POST.get("group", "")[:60]).first()
    text = request.POST.get("minutes", "").strip()
    if group is None or (text and not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= 100_000)):
        messages.error(request, _("Please write minutes as a number up to 100000, or nothing."))
    else:
        minutes = int(text) if text else None
        burden.agree_budget(group=group, minutes=minutes, by=request.actor, at=clock.now())
        messages.success(request, _("Saved."))
    return redirect("asks", j=request.jurisdiction.code)
