"""What every view of the API stands on: the key's tenant, its scope for the whole call, strict JSON.

    class MemberViewSet(TenantViewSet):
        scopes = {"list": Scope.MEMBERS_READ, "create": Scope.MEMBERS_WRITE}

        def list(self, request):
            return self.paged(selectors.members(self.tenant).order_by("-id"), MemberOut)

        @idempotent
        def create(self, request):
            data = self.clean(MemberIn, request.data)  # a Body
            member = services.create(tenant=self.tenant, by=self.by, **data)
            return Response(MemberOut(member).data, status=201)

Each app's api module lists what it offers as `routes = [("members", MemberViewSet), …]`; config/api_urls.py mounts it.
"""

import codecs
import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_scopes import scope
from drf_spectacular.extensions import OpenApiSerializerExtension
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, Serializer, ValidationError
from rest_framework.viewsets import GenericViewSet

from accounts import api_words
from accounts.api_auth import key_of, note_use
from accounts.models import ApiKey, Tenant
from config.logging import tenant_id

api_words.speak()

ID_MOST = 2**63 - 1  # also the largest whole number that a database takes
DEEPEST = 20


class StrictJSONParser(BaseParser):
    """JSON without what no database of ours can keep: NUL, lone surrogates, NaN, numbers past 64 bits, deep nests."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: dict[str, Any] | None = None) -> Any:  # type: ignore[override]
        try:
            text = _whole(stream).removeprefix(codecs.BOM_UTF8).decode("utf-8")
            body = json.loads(text, parse_constant=_no_constant)
            _check(body)
        except (ValueError, RecursionError) as error:
            raise ParseError(_("JSON을 읽을 수 없어요. UTF-8로 적은 올바른 JSON인지 확인해 주세요.")) from error
        return body


class UploadParser(MultiPartParser):
    """A file and its fields, refused in our words where they can't be read."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(*args, **kwargs)
        except ParseError as error:
            raise ParseError(_("올린 내용을 읽을 수 없어요. multipart/form-data로 다시 보내 주세요.")) from error


def _whole(stream: Any) -> bytes:
    """The body, no longer than a form's may be: DRF hands the stream over before Django has counted."""
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    body: bytes = stream.read(most + 1)
    if len(body) > most:
        raise ParseError(_("보낸 내용이 너무 커요. 나누어 보내 주세요."))
    return body


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _check(value: Any, depth: int = 0) -> None:
    if depth > DEEPEST:
        raise ValueError("too deep")
    if isinstance(value, str):
        value.encode("utf-8")  # a lone surrogate raises
        if "\x00" in value:
            raise ValueError("NUL")
    elif isinstance(value, (int, float)) and abs(value) > ID_MOST:
        raise ValueError("number too large")
    elif isinstance(value, dict):
        for name, part in value.items():
            _check(name, depth + 1)
            _check(part, depth + 1)
    elif isinstance(value, list):
        for part in value:
            _check(part, depth + 1)


class Body(Serializer[Any]):
    """What a call may send, at the top and in every part below. A name it doesn't know is refused, never passed over:
    a misspelt `send_at` would send at once, a misspelt `except` would text the very people to be left out."""

    def to_internal_value(self, data: Any) -> Any:
        if stray := [name for name in data if name not in self.fields] if isinstance(data, dict) else None:
            raise ValidationError({str(name): [self._allowed()] for name in stray})
        return super().to_internal_value(data)

    def _allowed(self) -> str:
        if not self.fields:
            return gettext("이 요청은 본문을 받지 않아요. 본문 없이 보내 주세요.")
        return gettext("없는 항목이에요. 쓸 수 있는 항목: %(names)s") % {"names": ", ".join(self.fields)}


class NoBody(Body):
    """Of an action that needs nothing but its address."""


class BodyExtension(OpenApiSerializerExtension):
    """Tells the schema's readers too."""

    target_class = Body
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**schema, "additionalProperties": False}


class TenantViewMixin:
    """Enters the scope of the key's tenant around the whole call, serialising and rendering included."""

    metadata_class = None
    permission = "api"  # tests/house: every address names what it asks for

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.api_key = key_of(request)  # type: ignore[attr-defined]
        if key is None:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        request.tenant = key.tenant  # type: ignore[attr-defined]
        tenant_id.set(key.tenant_id)
        with scope(tenant=key.tenant):
            note_use(key)
            response = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
            if hasattr(response, "render") and not response.is_rendered:
                response.render()
        return response

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        if any("\x00" in v for values in request.query_params.lists() for v in values[1]):
            raise ParseError(_("주소에 쓸 수 없는 글자가 들어 있어요."))

    @property
    def tenant(self) -> Tenant:
        return self.request.tenant  # type: ignore[attr-defined]

    @property
    def by(self) -> ApiKey:
        return self.request.auth  # type: ignore[attr-defined]


class TenantViewSet(TenantViewMixin, GenericViewSet):  # type: ignore[misc]
    """Base of our viewsets. Querysets are built per request; ids are whole numbers that a database can hold."""

    parser_classes = [StrictJSONParser]
    lookup_value_regex = r"[0-9]{1,18}"
    scopes: dict[str, str] = {}

    def clean(self, serializer: type[Body], data: Any, **kwargs: Any) -> Any:
        """Validated data of a request, or a 422 with the fields."""
        checked = serializer(data=data, context=self.get_serializer_context(), **kwargs)
        checked.is_valid(raise_exception=True)
        return checked.validated_data

    def clean_nothing(self) -> None:
        """For an action that needs nothing but its address. Other media types never were a body of ours."""
        if (self.request.content_type or "").startswith(StrictJSONParser.media_type):
            self.clean(NoBody, self.request.data)

    def paged(self, rows: Any, serializer: type[BaseSerializer[Any]], **context: Any) -> Response:
        """One page of a list in the shape of the contract."""
        page = self.paginate_queryset(rows)
        shown = serializer(page, many=True, context={**self.get_serializer_context(), **context})
        return self.get_paginated_response(shown.data)
