"""Addresses of the coordinator's pages, below `/<j>/desk/`."""

from django.urls import path

from gongzhi.site.pages.coordinator import bulk, case, inbox

urlpatterns = [
    path("", inbox.desk, name="desk"),
    path("bulk/", bulk.bulk_choose, name="bulk"),
    path("bulk/preview/", bulk.bulk_preview, name="bulk_preview"),
    path("bulk/do/", bulk.bulk_do, name="bulk_do"),
    path("bulk/<uuid:key>/", bulk.bulk_run, name="bulk_run"),
    path("bulk/<uuid:key>/undo/", bulk.bulk_undo, name="bulk_undo"),
    path("cases/", inbox.case_list, name="case_list"),
    path("cases/<str:number>/", case.case, name="case"),
    path("cases/<str:number>/<slug:action>/", case.case_action, name="case_action"),
]
