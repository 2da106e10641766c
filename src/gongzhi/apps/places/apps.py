"""Django's handle on the app."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    """Places: jurisdictions, areas, named places."""

    name = "gongzhi.apps.places"
    label = "gz_places"
