"""What cases tell the house."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from gongzhi.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class CaseMoved(Event):
    """A case went from one state to another."""

    name: ClassVar[str] = "cases.case_moved"
    case_id: int
    from_state: str
    to_state: str


@dataclass(frozen=True, kw_only=True)
class CaseEnded(Event):
    """A case was closed or confirmed solved."""

    name: ClassVar[str] = "cases.case_ended"
    case_id: int


@dataclass(frozen=True, kw_only=True)
class AnswerGiven(Event):
    """A public answer was given: its reporters are to hear of it."""

    name: ClassVar[str] = "cases.answer_given"
    case_id: int
    answer_id: int


@dataclass(frozen=True, kw_only=True)
class AnswerRetracted(Event):
    """A public answer was withdrawn: those who read it are to hear of it."""

    name: ClassVar[str] = "cases.answer_retracted"
    case_id: int
    answer_id: int


@dataclass(frozen=True, kw_only=True)
class CasesJoined(Event):
    """Reports of other cases now belong to this one."""

    name: ClassVar[str] = "cases.cases_joined"
    case_id: int


@dataclass(frozen=True, kw_only=True)
class CaseUnmerged(Event):
    """A case that had been joined to another at `merged_at` stands by itself again, where it stood before."""

    name: ClassVar[str] = "cases.case_unmerged"
    case_id: int
    merged_at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseReopened(Event):
    """A reporter said that the matter is not solved."""

    name: ClassVar[str] = "cases.case_reopened"
    case_id: int
