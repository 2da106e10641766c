"""What channels tell the house."""

from dataclasses import dataclass
from typing import ClassVar

from gongzhi.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class ReportReceived(Event):
    """A report has arrived and waits to be read."""

    name: ClassVar[str] = "channels.report_received"
    report_id: int
    channel: str
