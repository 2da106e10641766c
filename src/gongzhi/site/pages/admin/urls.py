"""Addresses of the set-up pages, below `/<j>/setup/`."""

from django.urls import path

from gongzhi.site.pages.admin import accounts, arbiter, calendar_days, changes, imports, people, views

urlpatterns = [
    path("", views.setup, name="setup"),
    path("areas/", views.setup_areas, name="setup_areas"),
    path("areas/end/", changes.end_area, name="end_area"),
    path("units/", views.setup_units, name="setup_units"),
    path("units/close/", changes.close_unit, name="close_unit"),
    path("units/keep/", changes.keep_unit, name="keep_unit"),
    path("people/", people.setup_people, name="setup_people"),
    path("people/<int:grant_id>/account/", accounts.person_account, name="person_account"),
    path("people/<int:grant_id>/move/", changes.move_role, name="move_role"),
    path("people/<int:grant_id>/end/", people.end_role, name="end_role"),
    path("roles/", accounts.setup_roles, name="setup_roles"),
    path("power/", views.setup_power, name="setup_power"),
    path("arbiter/", arbiter.setup_arbiter, name="setup_arbiter"),
    path("calendar/", calendar_days.setup_calendar, name="setup_calendar"),
    path("packs/", views.setup_packs, name="setup_packs"),
    path("imports/", imports.setup_imports, name="setup_imports"),
    path("imports/<int:run_id>/refused.csv", imports.import_errors, name="import_errors"),
]
