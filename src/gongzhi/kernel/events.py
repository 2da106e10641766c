"""What happened, told to those who subscribed: at least once, after the transaction of the teller is safe."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db import connection
from pydantic import TypeAdapter

from gongzhi.kernel import clock, trace
from gongzhi.kernel.models import OutboxJob

_events: dict[str, type["Event"]] = {}
_subscribers: dict[str, list["Handler"]] = {}
_handlers: dict[str, "Handler"] = {}
_adapters: dict[type["Event"], TypeAdapter[Any]] = {}


@dataclass(frozen=True)
class Event:
    """Something that happened, in the past tense. Fields are JSON values, dates, moments, UUIDs and tuples of them.

    A subclass is a frozen dataclass with a `name` such as `channels.report_received`; it holds ids, never text
    that people wrote.
    """

    name: ClassVar[str] = ""
    jurisdiction: str
    at: datetime

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        known = _events.get(cls.name)
        if known is not None and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(
                f"two events are called {cls.name!r}: {known.__qualname__} and {cls.__qualname__}"
            )
        if cls.name:
            _events[cls.name] = cls

    def to_json(self) -> dict[str, Any]:
        """The event as a JSON object; `event` holds its name."""
        return {"event": self.name, **_adapter(type(self)).dump_python(self, mode="json")}

    @staticmethod
    def from_json(data: dict[str, Any]) -> "Event":
        """The event that `to_json` wrote. KeyError if no event has that name."""
        found: Event = _adapter(_events[data["event"]]).validate_python(data)
        return found


def _adapter(kind: type[Event]) -> TypeAdapter[Any]:
    found = _adapters.get(kind)
    if found is None:
        found = _adapters[kind] = TypeAdapter(kind)
    return found


@dataclass(frozen=True)
class Handler:
    """Code that carries out jobs, found by its stable name."""

    name: str
    run: Callable[[dict[str, Any], uuid.UUID], None]
    in_transaction: bool
    # Carries out several jobs with few statements; where it fails, `run` takes them one by one.
    run_many: Callable[[Sequence[tuple[dict[str, Any], uuid.UUID]]], None] | None = None


def register(handler: Handler) -> None:
    """Make a handler findable. TypeError if another one has its name."""
    known = _handlers.get(handler.name)
    if known is not None and known.run is not handler.run:
        raise TypeError(f"two handlers are called {handler.name!r}")
    _handlers[handler.name] = handler


def handler_named(name: str) -> Handler | None:
    """The handler registered under this name, or None."""
    return _handlers.get(name)


def on(
    kind: type[Event], *, name: str = "", in_transaction: bool = True
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Subscribe `handler(event, *, event_id)` to a kind of event.

    The handler's dotted path is its stable name unless `name` is given (rename the function, keep the name).
    By default the handler runs in one transaction with the note that the job is done, so its writes happen
    exactly once. `in_transaction=False` is for long work: it must open its own short transactions and be
    idempotent by `event_id`.
    """
    if not kind.name:
        raise TypeError(f"{kind.__qualname__} has no name")

    def subscribe(handle: Callable[..., None]) -> Callable[..., None]:
        stable = name or f"{handle.__module__}.{handle.__qualname__}"

        def run(payload: dict[str, Any], event_id: uuid.UUID) -> None:
            handle(Event.from_json(payload), event_id=event_id)

        handler = Handler(stable, run, in_transaction)
        register(handler)
        _subscribers.setdefault(kind.name, []).append(handler)
        return handle

    return subscribe


def on_many(kind: type[Event], *, name: str = "") -> Callable[[Callable[..., None]], Callable[..., None]]:
    """As `on`, for `handle([(event, event_id), …])`: events that wait together are handed over together.

    It runs in one transaction with the note that the jobs are done. If it raises, nothing of it has happened and
    the events come again one by one, so one bad event never holds up the others.
    """

    def subscribe(handle: Callable[..., None]) -> Callable[..., None]:
        stable = name or f"{handle.__module__}.{handle.__qualname__}"

        def run_many(jobs: Sequence[tuple[dict[str, Any], uuid.UUID]]) -> None:
            handle([(Event.from_json(payload), event_id) for payload, event_id in jobs])

        def run(payload: dict[str, Any], event_id: uuid.UUID) -> None:
            run_many([(payload, event_id)])

        handler = Handler(stable, run, in_transaction=True, run_many=run_many)
        register(handler)
        _subscribers.setdefault(kind.name, []).append(handler)
        return handle

    if not kind.name:
        raise TypeError(f"{kind.__qualname__} has no name")
    return subscribe


def subscribers_of(kind: type[Event]) -> tuple[str, ...]:
    """The names of the handlers subscribed to a kind of event, in order of subscription."""
    return tuple(handler.name for handler in _subscribers.get(kind.name, ()))


def publish(event: Event) -> None:
    """Tell the subscribers: one outbox row each, inside the caller's transaction. RuntimeError outside of one."""
    publish_all([event])


def publish_all(happened: Iterable[Event]) -> None:
    """As `publish`, for many events with one INSERT."""
    if not connection.in_atomic_block:
        raise RuntimeError("publish() needs a transaction: without one an event can be lost or be untrue.")
    now = clock.now()
    rows = [
        OutboxJob(
            event_id=event_id,
            handler=name,
            payload=event.to_json(),
            jurisdiction=event.jurisdiction,
            run_after=now,
            created_at=now,
            request=trace.request_id(),
        )
        for event in happened
        for event_id in (uuid.uuid4(),)
        for name in subscribers_of(type(event))
    ]
    if rows:
        OutboxJob.objects.bulk_create(rows)
