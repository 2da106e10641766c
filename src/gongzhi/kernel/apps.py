"""Django's handle on the kernel."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """The kernel: the outbox, and the workers' signs of life."""

    name = "gongzhi.kernel"
    label = "gz_kernel"
