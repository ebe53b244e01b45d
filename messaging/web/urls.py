"""Routes of the overview and of the poll."""

from django.urls import path

from messaging.web.access_log import AccessLogView
from messaging.web.overview import OverviewView
from messaging.web.poll import poll

urlpatterns = [
    path("", OverviewView.as_view(), name="overview"),
    path("poll", poll, name="poll"),
    path("settings/access-log", AccessLogView.as_view(), name="access_log"),
]
