"""What dispatch reads out of a pack: why and how a case is handed back."""

from typing import Literal

from gongzhi.scenarios.model import Entry, Section, register_section

TimeUnit = Literal["workday", "day", "hour"]
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
