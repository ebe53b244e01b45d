"""Base view of every page: login, role, organization and its RLS scope, language, time zone."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.functional import Promise
from django.views import View

from salesbrain import replica, rls
from salesbrain.web import navigation, organizations


class Page(View):
    """Base of a page that anybody may open, such as the login; `PageView` is for logged-in users."""

    template_name: ClassVar[str]
    title: ClassVar[str | Promise] = ""
    example_arguments: ClassVar[dict[str, Any]] = {}
    """Values for the parameters of the page's URL, for tests that open every page."""

    def render(self, context: dict[str, Any] | None = None, *, status: int = 200) -> TemplateResponse:
        return TemplateResponse(self.request, self.template_name, {**self.context(), **(context or {})}, status=status)

    def context(self) -> dict[str, Any]:
        """Return the common context of the template."""
        return {"title": self.title}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = rendered(super().dispatch(request, *args, **kwargs))
        add_never_cache_headers(response)
        return response


class PageView(Page):
    """Base of a page for logged-in users, in the RLS scope that `user.scope_for` gives for this request.

    Everything until the last character of the template runs in one transaction with that scope. A form (or a script's request) contains the
    organization it was rendered for; if the session has another one by now, nothing is changed and the response is 409.
    """

    navigation_name: ClassVar[str] = ""
    needs_organization: ClassVar[bool] = True
    """False for pages about the user alone, which open with and without an organization."""

    statements: ClassVar[int] = 10
    """Maximum of SQL statements of the page for any number of rows; a test counts them."""

    runs_in_scope: ClassVar[bool] = True
    """False: the view enters the scope by itself, because its work is more than one transaction."""

    writes_in_get: ClassVar[bool] = False
    """True: showing the page writes too, or reads what no replica has, so it is the primary's."""

    organization: organizations.Current | None = None
    scope: rls.Scope | None = None
    """RLS scope of the page; services take it as their first argument. None if the user belongs to no organization."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user: Any = request.user
        if not (user.is_authenticated and is_complete(user)):
            return to_login(request)
        try:
            self.organization, self.scope = organizations.current(request)
        except rls.NoScope:
            if self.needs_organization:
                return no_organization(request)
        if self.needs_organization and self.organization and (refused := mismatch(request, self.organization)):
            return refused
        request.organization = self.organization  # type: ignore[attr-defined]  # template tags read it
        with timezone.override(user.zone()):
            if request.method in ("GET", "HEAD") and not self.writes_in_get and self.scope is not None:
                return replica.read(user, lambda: self._in_scope(request, *args, **kwargs))
            response = self._in_scope(request, *args, **kwargs)
        if not user.is_staff:
            replica.note(user.pk)
        return response

    def _in_scope(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.scope is None or not self.runs_in_scope:
            return super().dispatch(request, *args, **kwargs)
        with rls.scope(self.scope):
            return super().dispatch(request, *args, **kwargs)

    def context(self) -> dict[str, Any]:
        return {**super().context(), **layout(self.request, self.navigation_name)}


def layout(request: HttpRequest, current: str = "") -> dict[str, Any]:
    """Return the context of the page layout for a user."""
    return {**navigation.context(current), "organization": getattr(request, "organization", None)}


def rendered(response: HttpResponseBase) -> HttpResponseBase:
    """Render a template response now, inside the scope; Django would render it after the transaction."""
    if isinstance(response, TemplateResponse) and not response.is_rendered:
        return response.render()
    return response


def is_complete(user: Any) -> bool:
    """Return whether the login is complete: staff must also have passed a second factor, if the installation requires it."""
    return not (user.is_staff and settings.SECOND_FACTOR_REQUIRED) or user.is_verified()


def to_login(request: HttpRequest) -> HttpResponse:
    """Redirect to the login and back afterwards; a script that requested a part of a page reloads the whole."""
    address = reverse("login")
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Refresh": "true"})
    if request.method == "GET" and request.get_full_path() != "/":
        query = QueryDict(mutable=True)
        query[REDIRECT_FIELD_NAME] = request.get_full_path()
        address += f"?{query.urlencode(safe='/')}"
    return redirect(address)


def no_organization(request: HttpRequest) -> HttpResponseBase:
    return rendered(TemplateResponse(request, "web/no_organization.html", layout(request), status=403))


def mismatch(request: HttpRequest, current: organizations.Current) -> HttpResponseBase | None:
    """Return a refusal if the form or script was rendered for another organization than the session's present one, else None."""
    is_form = request.method not in ("GET", "HEAD", "OPTIONS")
    if not (is_form or request.headers.get("HX-Request")):
        return None
    said = organizations.sent_along(request)
    if said == current.token or (said is None and not is_form):
        return None
    names = {str(choice.id): choice.name for choice in current.choices}
    request.organization = current  # type: ignore[attr-defined]
    context = {
        **layout(request),
        "meant": said if said in names or current.is_staff else "",
        "meant_name": names.get(said or "", ""),
    }
    return rendered(TemplateResponse(request, "web/other_organization.html", context, status=409))
