"""Serve the OpenAPI schema and two viewers (Swagger, ReDoc) without CDN, fonts or inline scripts."""

from functools import cache
from pathlib import Path

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils.decorators import method_decorator
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView
from rest_framework.renderers import TemplateHTMLRenderer

# Both readers build their styles at run time; ReDoc searches in a worker made from a blob.
relaxed = method_decorator(
    csp_update({"style-src": [SELF, UNSAFE_INLINE], "img-src": [SELF, "data:"], "worker-src": [SELF, "blob:"]}),
    name="dispatch",
)


class SchemaView(SpectacularAPIView):
    """The OpenAPI document. It reads no row: the document is the same for every caller."""

    authentication_classes = ()
    permission_classes = ()
    renderer_classes = [OpenApiJsonRenderer]


@relaxed
class Swagger(SpectacularSwaggerSplitView):
    authentication_classes = ()
    permission_classes = ()
    renderer_classes = [TemplateHTMLRenderer]


BUNDLE = "drf_spectacular_sidecar/redoc/bundles/redoc.standalone.js"
LOGO = b"https://cdn.redoc.ly/redoc/logo-mini.svg"


@cache
def redoc_without_its_makers_logo() -> bytes:
    """Return ReDoc's script without the logo it would load from another site, which the content security policy refuses."""
    bundle = finders.find(BUNDLE)
    assert isinstance(bundle, str), "drf_spectacular_sidecar is not among INSTALLED_APPS"
    return Path(bundle).read_bytes().replace(LOGO, static("salesbrain/icon.svg").encode())


def redoc_script(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(redoc_without_its_makers_logo(), content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


@relaxed
class ReDoc(SpectacularRedocView):
    authentication_classes = ()
    permission_classes = ()
    renderer_classes = [TemplateHTMLRenderer]
    template_name = "salesbrain/redoc.html"
