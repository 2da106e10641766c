"""The site itself: pages that compose several apps, the design system, the command line."""

from pathlib import Path

from django.apps import AppConfig
from django.conf import settings

from gongzhi.scenarios.loader import set_packs_root


class SiteConfig(AppConfig):
    """Registers the journeys when the process starts, so that events find their subscribers."""

    name = "gongzhi.site"
    label = "gz_site"

    def ready(self) -> None:
        """Say where the packs lie; import the journeys once all models are there."""
        import gongzhi.journeys.subscriptions  # noqa: F401

        set_packs_root(Path(settings.PACKS_ROOT))
