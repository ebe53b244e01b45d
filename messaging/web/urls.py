"""Routes of the overview and of the poll."""

from django.urls import path

from messaging.web.overview import OverviewView
from messaging.web.poll import poll

urlpatterns = [path("", OverviewView.as_view(), name="overview"), path("poll", poll, name="poll")]
