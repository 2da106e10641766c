"""Django's handle on the app."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """The ledger: the append-only proof log."""

    name = "gongzhi.apps.ledger"
    label = "gz_ledger"

    def ready(self) -> None:
        """Put the numbering of entries on the schedule."""
        import gongzhi.apps.ledger.tasks  # noqa: F401
