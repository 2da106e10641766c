"""What dispatch reads out of a pack: why a case is handed back, why its time stands still, how much more it may get."""

from typing import Literal

from gongzhi.scenarios.model import Entry, Section, register_section

TimeUnit = Literal["workday", "day", "hour", "workhour"]
RULE = "rule"


class ReturnEntry(Entry):
    """A reason for handing a case back; the entry `rule` says how the asking goes (see packs/base/returns.toml)."""

    key: str
    within: int = 0  # 0: no such time
    within_unit: TimeUnit = "hour"
    decide: int = 0
    decide_unit: TimeUnit = "workday"
    arbiter_from: int = 2
    source: str = ""
    verified: bool = False


register_section(
    Section(
        "returns.toml",
        "return",
        ReturnEntry,
        words=lambda entry: (f"return.{entry.key}",),
    )
)


class PauseEntry(Entry):
    """A reason for which the time of a case may stand still. `most_days`: calendar days at most, 0 for no limit."""

    key: str
    most_days: int = 0
    source: str = ""
    verified: bool = False


class ExtensionEntry(Entry):
    """How much more time a unit may be given, counted from the day it has, and how often."""

    key: str
    most: int
    most_unit: TimeUnit = "workday"
    times: int = 1
    source: str = ""
    verified: bool = False


register_section(
    Section(
        "pauses.toml",
        "pause",
        PauseEntry,
        words=lambda entry: (f"pause.{entry.key}", f"pause.{entry.key}.basis"),
    )
)
register_section(
    Section(
        "extensions.toml",
        "extension",
        ExtensionEntry,
        words=lambda entry: (f"extension.{entry.key}",),
    )
)
