"""Addresses of what units lend each other, below `/<j>/lending/`."""

from django.urls import path

from gongzhi.site.pages.sharing import views

urlpatterns = [
    path("", views.lending, name="lending"),
    path("add/", views.lending_add, name="lending_add"),
    path("<slug:resource>/", views.lending_one, name="lending_one"),
    path("<slug:resource>/book/", views.lending_book, name="lending_book"),
    path("<slug:resource>/cancel/", views.lending_cancel, name="lending_cancel"),
    path("<slug:resource>/bookings.ics", views.lending_calendar, name="lending_calendar"),
]
