"""Notes and the timeline of a member over the REST API. Programs see what all staff may see: nothing private."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from accounts.api_auth import HasScope
from accounts.api_base import Body, TenantViewSet
from accounts.api_lists import PAGE_SIZE, PAGE_SIZE_MAX, BadCursor, whole
from accounts.enums import Scope
from accounts.exceptions import Refusal
from accounts.idempotency import idempotent
from members import selectors, timeline
from members.enums import CallDirection, NoteKind
from members.models import Member, Note
from members.selectors import notes as reading
from members.selectors.merged import ids_with
from members.services import notes as services

KINDS = [NoteKind.NOTE, NoteKind.CALL]  # a file comes by the page


class NoteIn(Body):
    kind = serializers.ChoiceField(KINDS, default=NoteKind.NOTE)
    text = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    direction = serializers.ChoiceField(CallDirection.choices, required=False)
    at = serializers.DateTimeField(required=False)
    pinned = serializers.BooleanField(default=False)


class NoteOut(serializers.Serializer):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(NoteKind.choices)
    text = serializers.CharField()
    direction = serializers.CharField()
    file = serializers.SerializerMethodField()
    pinned = serializers.BooleanField(source="is_pinned")
    by = serializers.SerializerMethodField()
    at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField(allow_null=True)

    def get_file(self, note: Note) -> str:
        return note.upload.name if note.upload else ""

    def get_by(self, note: Note) -> str:
        return str(note.by) if note.by else ""


class EventOut(serializers.Serializer):
    at = serializers.DateTimeField()
    kind = serializers.CharField()
    title = serializers.CharField()
    body = serializers.CharField()
    remark = serializers.CharField()
    by = serializers.CharField(source="by_label")


class NoteViewSet(TenantViewSet):
    """Notes and calls of one member, the latest first."""

    serializer_class = NoteOut
    scopes = {"list": Scope.MEMBERS_READ, "create": Scope.MEMBERS_WRITE}

    def list(self, request: Request, pk: str) -> Response:
        member = selectors.member(self.tenant, int(pk))
        rows = reading.notes(self.tenant, ids_with(self.tenant, member), None)
        return self.paged(rows.order_by("-at", "-id"), NoteOut)

    @extend_schema(request=NoteIn, responses={201: NoteOut})
    @idempotent
    def create(self, request: Request, pk: str) -> Response:
        member = selectors.member(self.tenant, int(pk))
        note = self._write(member, self.clean(NoteIn, request.data))
        return Response(NoteOut(note).data, status=201)

    def _write(self, member: Member, data: dict[str, Any]) -> Note | None:
        who: dict[str, Any] = {"tenant": self.tenant, "by": self.by, "member": member}
        text = data.get("text", "")
        if data["kind"] == NoteKind.CALL:
            direction = data.get("direction", "")
            return services.log_call(**who, text=text, direction=direction, at=data.get("at"))
        return services.add(**who, text=text, is_pinned=data["pinned"])


class TimelineViewSet(TenantViewSet):
    """All that happened with a member, the latest first. `count` is of the page: follow `next` for what is older. Texts
    are told to keys with `messages.read` only; `?kind=text` is 403 for others."""

    serializer_class = EventOut
    pagination_class = None
    scopes = {"list": Scope.MEMBERS_READ}

    @extend_schema(
        parameters=[
            OpenApiParameter("kind", str, enum=list(timeline.CHIPS)),
            OpenApiParameter("cursor", str, description="From the `next` of an answer."),
            OpenApiParameter("page_size", int, description="Rows a page."),
        ]
    )
    def list(self, request: Request, pk: str) -> Response:
        member = selectors.member(self.tenant, int(pk))
        kind, cursor = request.query_params.get("kind", ""), request.query_params.get("cursor", "")
        if kind and kind not in timeline.CHIPS:
            raise Refusal(code="invalid", fields={"kind": [", ".join(timeline.CHIPS)]})
        if "cursor" in request.query_params and timeline.read_cursor(cursor) is None:
            raise BadCursor
        kinds = {kind} if kind else set()
        if Scope.MESSAGES_READ not in self.by.scopes:
            kinds = (kinds or set(timeline.CHIPS)) - {"text"}
            if not kinds:
                raise PermissionDenied(HasScope.message)
        size = whole(request, "page_size", PAGE_SIZE, 1, PAGE_SIZE_MAX)
        found = timeline.events(
            self.tenant, member, None, ids=ids_with(self.tenant, member), before=cursor, limit=size,
            kinds=kinds,
        )  # fmt: skip
        body: dict[str, Any] = {"count": len(found.events), "next": None, "previous": None}
        if found.following:
            url = remove_query_param(request.build_absolute_uri(), "cursor")
            body |= {"next": replace_query_param(url, "cursor", found.following), "count_is_minimum": True}
        return Response(body | {"results": EventOut(found.events, many=True).data})


OF_MEMBER = "members/(?P<pk>[0-9]{1,18})"
routes = [(f"{OF_MEMBER}/notes", NoteViewSet), (f"{OF_MEMBER}/timeline", TimelineViewSet)]
