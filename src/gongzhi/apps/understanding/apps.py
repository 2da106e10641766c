"""Django's handle on the app."""

from django.apps import AppConfig


class UnderstandingConfig(AppConfig):
    """Understanding: readings, decisions, models."""

    name = "gongzhi.apps.understanding"
    label = "gz_understanding"

    def ready(self) -> None:
        """Tell the scenarios which pack files this app reads."""
        import gongzhi.apps.understanding.pack  # noqa: F401
