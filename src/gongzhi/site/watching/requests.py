"""Outermost of all middleware: numbers each request, writes one line about it, counts it."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from gongzhi.kernel import trace
from gongzhi.kernel.loglines import view_name
from gongzhi.site.watching.counters import Counters, counters_in

HEADER: Final = "X-Request-ID"
log = logging.getLogger("gongzhi.requests")
# A number as proxies make them. Anything freer could carry a telephone number into the log.
_WELL_FORMED: Final = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.I)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
# Asked every few seconds by machines: their lines would bury the others.
PROBES: Final = frozenset({"healthz", "readyz", "metrics", "static"})


def request_number(given: str) -> str:
    """The number that a proxy gave, if it is well-formed (a UUID, with or without hyphens), else a new one."""
    return given.lower() if _WELL_FORMED.fullmatch(given) else uuid.uuid4().hex


def page_of(request: HttpRequest) -> str:
    """The name of the page, `static` for a file of ours, `unknown` where the address leads nowhere."""
    if request.resolver_match is None and request.path_info.startswith(settings.STATIC_URL):
        return "static"
    return view_name(request)


class Watch:
    """Wraps the whole site. Of a request it tells page, method, status, time, office and actor number, no more."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response
        self._counters: Counters | None = None
        if settings.METRICS_KEY:
            self._counters = counters_in(Path(settings.DATA_ROOT) / "metrics")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, and note that it was answered."""
        began = time.perf_counter()
        number = request_number(request.META.get("HTTP_X_REQUEST_ID", ""))
        request.trail = {"request": number}  # type: ignore[attr-defined]
        with trace.along(request=number):
            response = self._get_response(request)
            self._note(request, response.status_code, time.perf_counter() - began)
        response[HEADER] = number
        return response

    def _note(self, request: HttpRequest, status: int, seconds: float) -> None:
        page = page_of(request)
        method = request.method if request.method in _METHODS else "other"
        if self._counters is not None:
            self._counters.observe((page, str(method), str(status)), seconds)
        level = logging.DEBUG if page in PROBES and status < 400 else logging.INFO
        if log.isEnabledFor(level):
            milliseconds = round(seconds * 1000, 1)
            facts = {"view": page, "method": method, "status": status, "ms": milliseconds, **_who(request)}
            said = " ".join(f"{name}={value}" for name, value in facts.items())
            log.log(level, "%s", said, extra={"facts": facts})


def _who(request: HttpRequest) -> dict[str, str]:
    """The office's code and the number of the account, once the page has found them. No address, no machine."""
    office, actor = getattr(request, "jurisdiction", None), getattr(request, "actor", None)
    found = {"office": office.code} if office is not None else {}
    return found | ({"actor": actor.ref} if actor is not None else {})
