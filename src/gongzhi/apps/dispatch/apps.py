"""Django's handle on the app."""

from django.apps import AppConfig


class DispatchConfig(AppConfig):
    """Dispatch: power list, tasks, work list."""

    name = "gongzhi.apps.dispatch"
    label = "gz_dispatch"

    def ready(self) -> None:
        """Let the tables of the corners be known, and which pack files this app reads."""
        import gongzhi.apps.dispatch.bulk.models
        import gongzhi.apps.dispatch.burden.models
        import gongzhi.apps.dispatch.clocks.models
        import gongzhi.apps.dispatch.pack
        import gongzhi.apps.dispatch.resources.models
        import gongzhi.apps.dispatch.returns.models  # noqa: F401
