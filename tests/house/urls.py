"""All addresses of the product, as the resolver knows them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter


class Address(NamedTuple):
    route: str
    name: str
    namespace: str
    view: Any
    kwargs: dict[str, Any]  # name → converter

    @property
    def full_name(self) -> str:
        return f"{self.namespace}:{self.name}" if self.namespace else self.name

    def path(self, **values: Any) -> str:
        """The address with each parameter filled; an integer nobody named is 1, a word is "x"."""
        out = "/" + self.route
        for key, converter in self.kwargs.items():
            plain = 1 if isinstance(converter, IntConverter) else "x"
            out = _replace(out, key, str(values.get(key, plain)))
        return out


def _replace(route: str, key: str, value: str) -> str:
    import re

    return re.sub(rf"<(?:\w+:)?{key}>", value, route)


def addresses() -> list[Address]:
    return list(_walk(get_resolver(), "", "", {}))


def _walk(resolver: URLResolver, prefix: str, namespace: str, kwargs: dict[str, Any]) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        known = kwargs | getattr(entry.pattern, "converters", {})
        if isinstance(entry, URLResolver):
            yield from _walk(entry, route, entry.namespace or namespace, known)
        elif isinstance(entry, URLPattern):
            yield Address(route, entry.name or "", namespace, entry.callback, known)


def tenant_pages() -> list[Address]:
    return [a for a in addresses() if a.route.startswith("t/<slug:tenant>/")]
