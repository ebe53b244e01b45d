"""URL routes of the documentation pages."""

from django.urls import path

from salesbrain.web.documents.views import DocumentView, FileView, StartView

urlpatterns = [
    path("docs", StartView.as_view(), name="docs"),
    path("docs/files/<path:name>", FileView.as_view(), name="document_file"),
    path("docs/<str:language>", DocumentView.as_view(), name="documents"),
    path("docs/<str:language>/<path:name>", DocumentView.as_view(), name="document"),
]
