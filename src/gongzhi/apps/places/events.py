"""What places tell the house."""

from dataclasses import dataclass
from typing import ClassVar

from gongzhi.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class AreaEnded(Event):
    """A last day was set for an area; from the next day on others hold its ground."""

    name: ClassVar[str] = "places.area_ended"
    area_id: int


@dataclass(frozen=True, kw_only=True)
class CalendarChanged(Event):
    """The office has said something of one of its own days: open cases are counted anew."""

    name: ClassVar[str] = "places.calendar_changed"
    number: int
