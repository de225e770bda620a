"""Where a browser can go when it stands at an address that only takes a form."""

import inspect
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve


def nearest_page(address: str) -> str:
    """The address itself where it answers GET, else the closest one above it that does; "/" at last."""
    path = urlsplit(address).path
    if _is_page(path):
        return address
    while path.strip("/"):
        path = path.rstrip("/").rpartition("/")[0] + "/"
        if _is_page(path):
            return path
    return "/"


def _is_page(path: str) -> bool:
    try:
        view: Callable[..., Any] | None = resolve(path).func
    except Resolver404:
        return False
    while view is not None:
        # What @require_POST and its kin let through, wherever they stand among a view's decorators.
        allowed = (
            inspect.getclosurevars(view).nonlocals.get("request_method_list") if inspect.isfunction(view) else None
        )
        if allowed and "GET" not in allowed:
            return False
        view = getattr(view, "__wrapped__", None)
    return True
