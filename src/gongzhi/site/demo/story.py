"""What happens in the invented sub-district, in order: who says what when, and what becomes of it. Pure."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from gongzhi.kernel.calendar import WorkCalendar

# The longest life that begins at the holiday ends so many days after it.
DAYS_AFTER_HOLIDAY = 45
# Younger messages that wait for a person are left to whoever tries the demonstration.
DAYS_LEFT_TO_VISITOR = 3
DECIDED_AFTER = timedelta(minutes=20)
# Messages whose later life is not told are taken on, all but some.
TAKEN_ON_AFTER = timedelta(hours=26)
NOT_TAKEN_ON = ("0", "4", "7")


@dataclass(frozen=True)
class Message:
    """A line of messages.jsonl with its moment worked out."""

    id: str
    text: str
    category: str
    confirmed: bool
    place_words: str
    place: str | None
    channel: str
    request_type: str
    at: datetime
    same_as: str | None
    contact: dict[str, str] | None
    outcome: Sequence[dict[str, Any]] = field(default=())


@dataclass(frozen=True)
class Happening:
    """One thing in the story: a message is said, the desk decides on it, or a step of its later life."""

    at: datetime
    kind: str
    message: Message
    step: dict[str, Any] = field(default_factory=dict)


def holiday_before(today: date, calendar: WorkCalendar) -> date:
    """The first day of the latest statutory holiday that lies long enough back for all of its story."""
    candidates = [day for day in calendar.holidays if day <= today - timedelta(days=DAYS_AFTER_HOLIDAY)]
    day = max(candidates, default=today - timedelta(days=DAYS_AFTER_HOLIDAY + 7))
    while day - timedelta(days=1) in calendar.holidays:
        day -= timedelta(days=1)
    return day


def read_messages(path: Path, now: datetime, calendar: WorkCalendar) -> list[Message]:
    """All messages with their moments: some days before today, or some days from the holiday's first."""
    today = now.astimezone(calendar.zone_info).date()
    holiday = holiday_before(today, calendar)
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        values = json.loads(line)
        when = values.pop("when")
        days = timedelta(days=when["holiday"]) if "holiday" in when else None
        day = holiday + days if days is not None else today - timedelta(days=when["ago"])
        at = datetime.combine(day, time.fromisoformat(when["time"]), calendar.zone_info)
        outcome = tuple(values.pop("outcome") or ())
        found.append(Message(**values, at=at, outcome=outcome))
    return sorted(found, key=lambda m: (m.at, m.id))


def story(messages: Iterable[Message], now: datetime) -> list[Happening]:
    """Everything in the order in which it happened, up to now."""
    happenings = [h for message in messages for h in _life(message, now)]
    return sorted(happenings, key=lambda h: (h.at, h.message.id, h.kind != "say", h.kind != "decide"))


def _life(message: Message, now: datetime) -> Iterator[Happening]:
    yield Happening(message.at, "say", message)
    old = message.at < now - timedelta(days=DAYS_LEFT_TO_VISITOR)
    if message.confirmed or message.outcome or old:
        yield Happening(message.at + DECIDED_AFTER, "decide", message)
    taken_on = message.at + TAKEN_ON_AFTER
    alone = not message.outcome and not message.same_as
    if old and alone and not message.id.endswith(NOT_TAKEN_ON) and taken_on < now:
        yield Happening(taken_on, "accept", message)
    for step in message.outcome:
        at = message.at + timedelta(hours=step["after_h"])
        if at < now:
            yield Happening(at, step["do"], message, step)
            if step["do"] == "return" and at < now - timedelta(days=DAYS_LEFT_TO_VISITOR):
                yield Happening(at + DECIDED_AFTER * 3, "again", message)
