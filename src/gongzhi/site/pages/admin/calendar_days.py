"""The office's own days: closed for a day, half a day worked. First what would move, then the decision."""

from collections import Counter
from datetime import date
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from gongzhi.apps.dispatch.clocks import public as clocks
from gongzhi.apps.places import public as places
from gongzhi.apps.places.public import CalendarDayError, local_day
from gongzhi.kernel import clock
from gongzhi.kernel.calendar import DayChange
from gongzhi.site.access import PageRequest, needs

KINDS: Final = {
    "closed": gettext_lazy("closed all day"),
    "half": gettext_lazy("works only part of the day"),
    "usual": gettext_lazy("works as usual again"),
}
MOST_ROWS: Final = 40


class CalendarDayForm(forms.Form):
    """One day, what holds on it, why, and where that was decided."""

    day = forms.DateField(
        label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    kind = forms.ChoiceField(label=gettext_lazy("What holds on that day"), choices=list(KINDS.items()))
    opens = forms.TimeField(
        label=gettext_lazy("Works from"), required=False, widget=forms.TimeInput(attrs={"type": "time"}),
        help_text=gettext_lazy("Only where it works part of the day."),
    )  # fmt: skip
    closes = forms.TimeField(
        label=gettext_lazy("Works until"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=200)
    source = forms.CharField(label=gettext_lazy("Where it was decided or published"), max_length=300)


def _moves(request: PageRequest, change: DayChange) -> list[tuple[date, date, int]]:
    """From which day to which how many open cases would move."""
    j = request.jurisdiction
    found: Counter[tuple[date, date]] = Counter()
    for _pk, before, after in clocks.moves(j, places.calendar_with(j, (change,)), clock.now()):
        found[local_day(j, before), local_day(j, after)] += 1
    return [(before, after, n) for (before, after), n in sorted(found.items())]


@needs("manage_setup")
@require_http_methods(["GET", "POST"])
def setup_calendar(request: PageRequest) -> HttpResponse:
    """What the office has said of its own days, and the form for one more."""
    j = request.jurisdiction
    form = CalendarDayForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "kinds": KINDS}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        change = DayChange(given["day"], given["kind"], given["opens"], given["closes"])
        try:
            if request.POST.get("save"):
                places.save_calendar_day(
                    jurisdiction=j,
                    change=change,
                    reason=given["reason"],
                    source=given["source"],
                    by=request.actor.ref,
                    at=clock.now(),
                )
                messages.success(request, _("Saved. The open cases are being counted anew."))
                return redirect("setup_calendar", j=j.code)
            places.check_calendar_day(jurisdiction=j, change=change, at=clock.now())
            moved = _moves(request, change)
            context |= {"shown": True, "moves": moved[:MOST_ROWS], "n": sum(row[2] for row in moved)}
        except CalendarDayError as error:
            form.add_error(None, f"{error} {error.what_to_do()}")
    context["days"] = [(row, KINDS[row.kind]) for row in places.calendar_days(j)]
    context["version"] = places.calendar_of(j).version
    return render(request, "admin/calendar_days.html", context)
