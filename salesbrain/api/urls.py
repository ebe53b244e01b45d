"""URL routes of the OpenAPI schema and its viewers; the operations are in the apps' `api/urls.py`."""

from django.urls import path

from salesbrain.api.docs import ReDoc, SchemaView, Swagger, redoc_script

urlpatterns = [
    path("schema", SchemaView.as_view(), name="api-schema"),
    path("docs", Swagger.as_view(url_name="api-schema"), name="api-docs"),
    path("docs/redoc.js", redoc_script, name="api-redoc-script"),
    path("docs/redoc", ReDoc.as_view(url_name="api-schema"), name="api-redoc"),
]
