"""Which request or job the present work belongs to. Log lines carry it, and jobs keep the request they came from."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_NOWHERE: Mapping[str, str] = {}
_trail: ContextVar[Mapping[str, str]] = ContextVar("gongzhi_trail", default=_NOWHERE)


def trail() -> Mapping[str, str]:
    """What the present work belongs to: any of `request`, `job` and `handler`. Empty outside of both."""
    return _trail.get()


def request_id() -> str:
    """The number of the request that the present work goes back to, or ""."""
    return _trail.get().get("request", "")


@contextmanager
def along(**names: str) -> Iterator[None]:
    """Let all that happens inside belong to this request or job; empty names are left out. Never put data in it."""
    token = _trail.set({**_trail.get(), **{name: value for name, value in names.items() if value}})
    try:
        yield
    finally:
        _trail.reset(token)
