"""URL routes of the benchmark's plain Django baseline."""

from django.urls import path

from bench.plain import reading, receiving

urlpatterns = [
    path("webhooks/instantly/webhook", receiving.receive),
    path("api/instantly/campaigns", reading.Campaigns.as_view()),
    path("api/instantly/campaign/<uuid:campaign_id>/messages", reading.Messages.as_view()),
]
