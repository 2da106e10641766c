"""Where a signed-in person's work begins in an office, by what the person may do."""

from typing import Final

from django.http import HttpResponse
from django.shortcuts import redirect

from gongzhi.apps.actors.public import Permission
from gongzhi.site.access import PageRequest, needs

FIRST_PAGES: Final[tuple[tuple[Permission, str], ...]] = (
    ("see_inbox", "desk"),
    ("handle_task", "today"),
    ("manage_setup", "setup"),
    ("see_figures", "figures"),
)


@needs("see_inbox", "handle_task", "manage_setup", "see_figures")
def work(request: PageRequest) -> HttpResponse:
    """Go to the first page that the person's role opens."""
    name = next(page for permission, page in FIRST_PAGES if request.actor.may(permission))
    return redirect(name, j=request.jurisdiction.code)
