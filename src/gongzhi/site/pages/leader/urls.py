"""Address of the figures, below `/<j>/figures/`."""

from django.urls import path

from gongzhi.site.pages.leader import views

urlpatterns = [path("", views.figure_table, name="figures")]
