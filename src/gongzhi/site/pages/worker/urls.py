"""Addresses of the handlers' pages, below `/<j>/today/`."""

from django.urls import path

from gongzhi.site.pages.worker import views

urlpatterns = [
    path("", views.today, name="today"),
    path("tasks/<int:task_id>/", views.task, name="task"),
    path("tasks/<int:task_id>/<slug:action>/", views.task_action, name="task_action"),
]
