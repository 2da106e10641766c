"""What actors tell the house."""

from dataclasses import dataclass
from typing import ClassVar

from gongzhi.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class UnitClosing(Event):
    """A day was set on which a unit closes; on that day what lies with it goes to its successor or the desk."""

    name: ClassVar[str] = "actors.unit_closing"
    unit_id: int
