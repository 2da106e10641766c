"""Django's handle on the app."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    """Places: jurisdictions, areas, named places."""

    name = "gongzhi.apps.places"
    label = "gz_places"

    def ready(self) -> None:
        """Tell the scenarios which pack files this app reads."""
        import gongzhi.apps.places.pack  # noqa: F401
