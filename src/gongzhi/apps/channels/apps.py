"""Django's handle on the app."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    """Channels: reports, contacts, photos, notices."""

    name = "gongzhi.apps.channels"
    label = "gz_channels"

    def ready(self) -> None:
        """Tell the scenarios which pack files this app reads."""
        import gongzhi.apps.channels.pack  # noqa: F401
