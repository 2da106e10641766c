"""Addresses of what senders ask of the neighbourhoods, below `/<j>/asks/`."""

from django.urls import path

from gongzhi.site.pages.asking import views

urlpatterns = [
    path("", views.asks, name="asks"),
    path("new/", views.ask_new, name="ask_new"),
    path("minutes/", views.ask_minutes, name="ask_minutes"),
    path("agree/", views.ask_agree, name="ask_agree"),
]
