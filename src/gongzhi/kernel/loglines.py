"""How a log line is written: plain for people, JSON for programs, both silent about what people said."""

import json
import logging
import re
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from gongzhi.kernel import trace
from gongzhi.kernel.silence import SilentFormatter

# Of an address that a browser sent, only the machine's name may be written down.
_URL: Final = re.compile(r"(https?://[^/\s]+)\S*")


def view_name(request: Any) -> str:
    """The name of the page that a request asked for: never its address, which may hold a code or typed words."""
    match = getattr(request, "resolver_match", None)
    return (match.view_name if match else "") or "unknown"


class Trail(logging.Filter):
    """Puts the request and the job on a line, and takes the address out of Django's own lines about a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Every line passes."""
        request = getattr(record, "request", None)
        # Django writes some lines after the outermost middleware has ended; the request keeps its number.
        names = dict(trace.trail()) or dict(getattr(request, "trail", {}))
        record.names = names
        record.trail = "".join(f" {name}={value}" for name, value in names.items())
        # Once is enough: several handlers see the same record.
        if request is not None and record.name.startswith("django.") and not hasattr(record, "is_silent"):
            record.msg, record.args = _without_address(record, request), ()
            record.is_silent = True
        return True


def _without_address(record: logging.LogRecord, request: Any) -> str:
    status = getattr(record, "status_code", 0)
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Noted"
    args = record.args if isinstance(record.args, tuple) else ()
    # Why a form was refused says how to mend it; its last argument is the address.
    why = ""
    if record.name.endswith(".csrf") and len(args) > 1:
        why = ": " + _URL.sub(r"\1", str(args[0]))
    return f"{phrase} ({view_name(request)}){why}"


class JsonLines(SilentFormatter):
    """One JSON object a line. Tracebacks are places in the code, as everywhere."""

    def format(self, record: logging.LogRecord) -> str:
        """`at` (UTC), `level`, `logger`, `message`, then what the line belongs to and its facts, then `error`."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= getattr(record, "names", {})
        line |= getattr(record, "facts", {})
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)
