"""Lists of the API: keyset pages behind opaque cursors, numbered pages in the first 10,000 rows, an honest count."""

import json
from collections.abc import Sequence
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from accounts.crypto import SecretUnreadable, decrypt, encrypt
from accounts.exceptions import Refusal

COUNTED = 10_000
PAGE_SIZE, PAGE_SIZE_MAX = 50, 500


class BadCursor(Refusal):
    code = "bad_cursor"
    message = _("이 목록의 cursor가 아니에요. 앞선 답의 next 주소를 그대로 써 주세요.")


class BadPage(Refusal):
    code = "bad_page"
    message = _("page는 1부터, 앞의 10,000줄 안에서만 쓸 수 있어요. 그 뒤는 next 주소를 따라가 주세요.")


class Pagination(BasePagination):
    """Pages a queryset whose `order_by` names plain, non-null fields and ends with a unique one; or a plain list."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request = request
        self.size = whole(request, "page_size", PAGE_SIZE, 1, PAGE_SIZE_MAX)
        self.total = _count(queryset)
        self.next_cursor = self.previous_cursor = ""
        self.previous_page = 0
        if isinstance(queryset, QuerySet):
            order = _order(queryset)
            if "page" in request.query_params and "cursor" not in request.query_params:
                return self._numbered(queryset, order)
            return self._keyset(queryset, order)
        return self._listed(queryset)

    def get_paginated_response(self, data: Any) -> Response:
        body = {
            "count": min(self.total, COUNTED),
            "next": self._link("cursor", self.next_cursor),
            "previous": self._link("cursor", self.previous_cursor) or self._link("page", self.previous_page),
            "results": data,
        }
        if self.total > COUNTED:
            body["count_is_minimum"] = True
        return Response(body)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "nullable": True, "format": "uri"}
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {"type": "integer", "description": "Exact up to 10,000."},
                "count_is_minimum": {"type": "boolean", "description": "True where there are more than 10,000."},
                "next": link,
                "previous": link,
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": PAGE_SIZE_MAX, "default": PAGE_SIZE}
        page = {"type": "integer", "minimum": 1}
        return [
            _parameter("cursor", {"type": "string"}, "From the `next` or `previous` of an answer."),
            _parameter("page", page, "A page's number, within the first 10,000 rows."),
            _parameter("page_size", size, "Rows a page."),
        ]

    # --- the three ways --------------------------------------------------------------------------------------------

    def _numbered(self, queryset: QuerySet[Any], order: list[str]) -> list[Any]:
        page = whole(self.request, "page", 1, 1, COUNTED, BadPage)
        start = (page - 1) * self.size
        if start + self.size > max(COUNTED, self.size):
            raise BadPage
        rows = list(queryset[start : start + self.size + 1])
        if page > 1:
            self.previous_page = page - 1
        return self._cut(rows, order)

    def _keyset(self, queryset: QuerySet[Any], order: list[str]) -> list[Any]:
        cursor = self._read(order)
        if cursor is None:
            return self._cut(list(queryset[: self.size + 1]), order)
        back, values = cursor["b"], cursor["v"]
        walk = [_turned(word) for word in order] if back else order
        rows = list(queryset.order_by(*walk).filter(_after(queryset.model, walk, values))[: self.size + 1])
        more = len(rows) > self.size
        rows = rows[: self.size]
        if back:
            rows.reverse()
            self.previous_cursor = self._write(order, rows[0], back=True) if more else ""
            self.next_cursor = self._write(order, rows[-1]) if rows else ""
            return rows
        self.next_cursor = self._write(order, rows[-1]) if more else ""
        self.previous_cursor = self._write(order, rows[0], back=True) if rows else ""
        return rows

    def _listed(self, rows: Sequence[Any]) -> list[Any]:
        cursor = self._read(["#"])
        start = cursor["v"][0] if cursor else (whole(self.request, "page", 1, 1, COUNTED, BadPage) - 1) * self.size
        if start + self.size < self.total:
            self.next_cursor = self._seal(["#"], [start + self.size], back=False)
        if start:
            self.previous_cursor = self._seal(["#"], [max(0, start - self.size)], back=False)
        return list(rows[start : start + self.size])

    def _cut(self, rows: list[Any], order: list[str]) -> list[Any]:
        if len(rows) > self.size:
            rows = rows[: self.size]
            self.next_cursor = self._write(order, rows[-1])
        return rows

    # --- cursors: encrypted, because a list ordered by phone would else carry phones in its addresses --------------

    def _write(self, order: list[str], row: Any, back: bool = False) -> str:
        fields = [word.lstrip("-") for word in order]
        values = [_plain(row[f] if isinstance(row, dict) else getattr(row, f)) for f in fields]
        return self._seal(order, values, back=back)

    @staticmethod
    def _seal(order: list[str], values: list[Any], *, back: bool) -> str:
        return encrypt(json.dumps({"o": order, "v": values, "b": back}, separators=(",", ":")))

    def _read(self, order: list[str]) -> dict[str, Any] | None:
        text = self.request.query_params.get("cursor", "")
        if "cursor" not in self.request.query_params:
            return None
        try:
            found = json.loads(decrypt(text))
        except (SecretUnreadable, ValueError):
            raise BadCursor from None
        if not isinstance(found, dict) or found.get("o") != order:
            raise BadCursor
        return found

    def _link(self, name: str, value: Any) -> str | None:
        if not value:
            return None
        url = self.request.build_absolute_uri()
        for other in ("cursor", "page"):
            url = remove_query_param(url, other)
        return replace_query_param(url, name, value)


def _order(queryset: QuerySet[Any]) -> list[str]:
    words = [str(w) for w in (queryset.query.order_by or queryset.model._meta.ordering)]
    assert words and words[-1].lstrip("-") in {"id", "pk"}, "a list of the API ends its order with the id"
    return ["-id" if w == "-pk" else "id" if w == "pk" else w for w in words]


def _turned(word: str) -> str:
    return word[1:] if word.startswith("-") else f"-{word}"


def _after(model: type[Model], order: list[str], values: list[Any]) -> Q:
    """Rows behind `values`: a >= x and (a > x or (a = x and the rest is behind)). The plain a >= x uses the index."""
    word, rest = order[0], order[1:]
    field, side = (word[1:], "lt") if word.startswith("-") else (word, "gt")
    value = model._meta.get_field(field).to_python(values[0]) if field != "id" else int(values[0])  # type: ignore[union-attr]
    beyond = Q(**{f"{field}__{side}": value})
    if not rest:
        return beyond
    return Q(**{f"{field}__{side}e": value}) & (beyond | Q(**{field: value}) & _after(model, rest, values[1:]))


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _count(rows: Any) -> int:
    """Exact to 10,000 and one more: counting on would read what nobody asked to see."""
    return rows.order_by()[: COUNTED + 1].count() if isinstance(rows, QuerySet) else len(rows)


def whole(request: Request, name: str, default: int, least: int, most: int, error: type[Refusal] | None = None) -> int:
    raw = request.query_params.get(name)
    if raw is None:
        return default
    if raw.isascii() and raw.isdigit() and len(raw) < 10 and least <= int(raw) <= most:
        return int(raw)
    if error:
        raise error
    sentence = _("%(least)s에서 %(most)s 사이의 숫자를 적어 주세요.") % {"least": least, "most": most}
    raise Refusal(sentence, code="invalid", fields={name: [sentence]})


def _parameter(name: str, schema: dict[str, Any], text: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": text, "schema": schema}
