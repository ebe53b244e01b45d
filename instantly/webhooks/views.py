"""Webhook as an ordinary Django view; in production wsgi.py answers first, with the same responses."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from . import receiver


@csrf_exempt
def receive(request: HttpRequest) -> HttpResponse:
    answer = receiver.receive(
        method=request.method or "",
        secret=request.headers.get(receiver.SECRET_HEADER, ""),
        length=request.META.get("CONTENT_LENGTH"),
        read=request.read,
        address=lambda: request.META.get("REMOTE_ADDR", ""),
    )
    return HttpResponse(answer.body, status=answer.status, content_type="application/json", headers=answer.headers)
