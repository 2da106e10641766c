"""Addresses of the residents' pages, below `/<j>/`. No address ever holds a tracking code."""

from django.urls import path

from gongzhi.site.pages.resident import complaining, kept, mail, mine, nearby, say, views

urlpatterns = [
    path("", views.home, name="home"),
    path("say/", say.say, name="say"),
    path("say/danger/", say.say_danger, name="say_danger"),
    path("say/done/", say.say_done, name="say_done"),
    path("my/", mine.my, name="my"),
    path("my/report/", mine.my_report, name="my_report"),
    path("my/report/add/", mine.add_words, name="my_add"),
    path("my/report/rate/", mine.rate, name="my_rate"),
    path("my/report/complain/", complaining.complain, name="my_complain"),
    path("my/keep/", kept.keep, name="my_keep"),
    path("my/keep/ask/", kept.keep_ask, name="my_keep_ask"),
    path("my/keep/stop/", kept.stop_keeping, name="my_keep_stop"),
    path("my/kept/", kept.kept, name="my_kept"),
    path("my/kept/ask/", kept.open_ask, name="my_kept_ask"),
    path("my/kept/open/", kept.open_kept, name="my_kept_open"),
    path("my/kept/pick/", kept.pick, name="my_kept_pick"),
    path("my/leave/", mine.leave, name="my_leave"),
    path("near/", nearby.near, name="near"),
    path("mail/stop/<str:token>/", mail.mail_stop, name="mail_stop"),
]
