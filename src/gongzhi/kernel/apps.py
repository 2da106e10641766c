"""Django's handle on the kernel."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """The kernel: one model, the outbox."""

    name = "gongzhi.kernel"
    label = "gz_kernel"
