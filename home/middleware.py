"""A refused method in our own words: Django's own answer is an empty page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from home.views.errors import not_allowed


class MethodMiddleware:
    """Innermost, so that the page is drawn inside the tenant's scope. Answers that already say something stay."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or response.streaming or response.content:
            return response
        page = not_allowed(request)
        page["Allow"] = response.get("Allow", "")
        return page
