"""What places reads out of a pack: working-day calendars."""

from datetime import date
from typing import Literal

from gongzhi.scenarios.model import Entry, Section, register_section


class CalendarEntry(Entry):
    """A working-day calendar: from a library, or with its holidays written out."""

    key: str
    source: Literal["chinesecalendar", "listed"]
    weekend: list[int] = [5, 6]
    opens: str = "09:00"
    closes: str = "17:00"
    years_known: list[int] = []
    holidays: list[date] = []
    makeup_days: list[date] = []
    version: str = ""
    reference: str = ""


register_section(Section("calendars.toml", "calendar", CalendarEntry))
