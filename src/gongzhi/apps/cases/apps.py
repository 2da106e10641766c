"""Django's handle on the app."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Cases: life, history, answer, rating."""

    name = "gongzhi.apps.cases"
    label = "gz_cases"
