"""The API's description. The operations themselves are in the apps' `api/urls.py`."""

from django.urls import path

from salesbrain.api.docs import ReDoc, SchemaView, Swagger

urlpatterns = [
    path("schema", SchemaView.as_view(), name="api-schema"),
    path("docs", Swagger.as_view(url_name="api-schema"), name="api-docs"),
    path("docs/redoc", ReDoc.as_view(url_name="api-schema"), name="api-redoc"),
]
