"""What may be written down of an error: where it arose, never what a person had said."""

import logging
import re
import threading
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Final

from django.db import OperationalError, ProgrammingError
from django.utils import translation

from gongzhi.kernel.errors import GongzhiError

# Their messages are written by programmers and hold no data; the message of any other error may quote a person.
_SPEAKABLE: Final = (
    GongzhiError,
    OperationalError,
    ProgrammingError,
    AttributeError,
    TypeError,
    NameError,
    ImportError,
)
# Whatever could still be data inside such a message: quoted text, text that is not ASCII, long numbers, addresses.
_DATA: Final = re.compile(r"'[^']*'|\"[^\"]*\"|\([^)]*\)|[^\x20-\x7e]+|\S*@\S*|\d[\d\s-]{4,}\d")


def safe_words(error: BaseException) -> str:
    """What may be written down of an error: its class, where it arose, and its message if that holds no data."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].name}:{frames[-1].lineno}" if frames else ""
    if not isinstance(error, _SPEAKABLE):
        return f"{type(error).__name__}{where}"[:300]
    with translation.override("en"):
        said = str(error.message) if isinstance(error, GongzhiError) else str(error)
    message = _DATA.sub("…", said.partition("\n")[0])
    return f"{type(error).__name__}{where}: {message}"[:300]


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from, the first cause first."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and before is not error:
        yield from _chain(before)
    yield error


class SilentFormatter(logging.Formatter):
    """Writes tracebacks as places in the code: the database, for one, quotes whole rows in its errors."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 (the name is logging's)
        """The frames of the error and of its causes, each with what `safe_words` lets through."""
        lines = []
        for error in _chain(ei[1]):
            lines += traceback.format_list(traceback.extract_tb(error.__traceback__))
            lines.append(f"{safe_words(error)}\n")
        return "".join(lines).rstrip()


def quiet_end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """For `sys.excepthook`: a program ends by an error, and says where it arose. Ctrl-C and exits say nothing."""
    if issubclass(kind, Exception):
        logging.getLogger("gongzhi").critical("The program ended.", exc_info=(kind, error, trace))


def quiet_thread_end(ended: threading.ExceptHookArgs) -> None:
    """The same for `threading.excepthook`."""
    if ended.exc_value is not None:
        quiet_end(ended.exc_type, ended.exc_value, ended.exc_traceback)
