"""Webhook endpoint as a Django view; in production wsgi.py answers first, with the same responses."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from . import receiver


@csrf_exempt
def receive(request: HttpRequest) -> HttpResponse:
    in_chunks = "HTTP_TRANSFER_ENCODING" in request.META  # Django reads a body without a length as an empty one
    answer = receiver.receive(
        method=request.method or "",
        secret=request.headers.get(receiver.SECRET_HEADER, ""),
        length=request.META.get("CONTENT_LENGTH"),
        read=request.META["wsgi.input"].read if in_chunks else request.read,
        in_chunks=in_chunks,
        address=lambda: request.META.get("REMOTE_ADDR", ""),
    )
    return HttpResponse(answer.body, status=answer.status, content_type="application/json", headers=answer.headers)
