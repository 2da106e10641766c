"""Addresses of the coordinator's pages, below `/<j>/desk/`."""

from django.urls import path

from gongzhi.site.pages.coordinator import case, inbox

urlpatterns = [
    path("", inbox.desk, name="desk"),
    path("cases/", inbox.case_list, name="case_list"),
    path("cases/<str:number>/", case.case, name="case"),
    path("cases/<str:number>/<slug:action>/", case.case_action, name="case_action"),
]
