"""Addresses of the set-up pages, below `/<j>/setup/`."""

from django.urls import path

from gongzhi.site.pages.admin import imports, people, views

urlpatterns = [
    path("", views.setup, name="setup"),
    path("areas/", views.setup_areas, name="setup_areas"),
    path("units/", views.setup_units, name="setup_units"),
    path("people/", people.setup_people, name="setup_people"),
    path("people/<int:grant_id>/end/", people.end_role, name="end_role"),
    path("power/", views.setup_power, name="setup_power"),
    path("packs/", views.setup_packs, name="setup_packs"),
    path("imports/", imports.setup_imports, name="setup_imports"),
    path("imports/<int:run_id>/refused.csv", imports.import_errors, name="import_errors"),
]
