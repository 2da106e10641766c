"""Django's handle on the app."""

from django.apps import AppConfig


class ActorsConfig(AppConfig):
    """Actors: accounts, units, roles."""

    name = "gongzhi.apps.actors"
    label = "gz_actors"
