"""How long something is kept: the words on a table's label, and the same in days for the program."""

from datetime import datetime, timedelta
from typing import Self


class Kept(str):
    """A retention label that a program can follow: kept for `days` after `after` has happened.

    It reads as its words. A year counts as 366 days, so that nothing goes a day before the words say so.
    """

    days: int
    after: str

    def __new__(cls, words: str, *, days: int, after: str) -> Self:
        """The label `words`, with what it means."""
        made = super().__new__(cls, words)
        made.days, made.after = days, after
        return made

    def until(self, at: datetime) -> datetime:
        """What happened before this moment is over at the moment `at`."""
        return at - timedelta(days=self.days)
