"""URL route of the webhook endpoint."""

from django.urls import path

from .views import receive

urlpatterns = [path("webhook", receive, name="instantly-webhook"), path("webhook/", receive)]
