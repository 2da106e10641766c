"""Django's handle on the app."""

from django.apps import AppConfig


class DispatchConfig(AppConfig):
    """Dispatch: power list, tasks, work list."""

    name = "gongzhi.apps.dispatch"
    label = "gz_dispatch"
