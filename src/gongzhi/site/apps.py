"""The site itself: pages that compose several apps, the design system, the command line."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Registers the journeys when the process starts, so that events find their subscribers."""

    name = "gongzhi.site"
    label = "gz_site"

    def ready(self) -> None:
        """Import the journeys once all models are there."""
        import gongzhi.journeys.subscriptions  # noqa: F401
