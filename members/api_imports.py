"""Imports over the REST API: a file goes in, the counts and the mistakes of each row come out."""

from typing import Any

from django.http import Http404
from django.utils.timezone import localtime
from drf_spectacular.utils import extend_schema, extend_schema_field, inline_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import FormParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_base import Body, StrictJSONParser, TenantViewSet, UploadParser
from accounts.enums import Scope
from accounts.idempotency import idempotent
from members import import_words
from members.enums import ImportMode, ImportState
from members.models import Import
from members.selectors.imports import import_list, import_row
from members.services.imports import apply_import, revert_import, start_import

GROUP_LONGEST = 40
# The contract knows no state of its own for what is being taken back: it is at work, as while it is written.
STATES = [(value, label) for value, label in ImportState.choices if value != ImportState.REVERTING]


class ImportIn(Body):
    file = serializers.FileField(max_length=200, allow_empty_file=True)
    group = serializers.CharField(max_length=GROUP_LONGEST, required=False, allow_blank=True, default="")
    mode = serializers.ChoiceField(ImportMode.choices, default=ImportMode.UPSERT)
    apply = serializers.BooleanField(default=True)


ROW_ERROR = inline_serializer(
    "ImportRowError",
    {
        "row": serializers.IntegerField(),
        "column": serializers.CharField(),
        "value": serializers.CharField(),
        "problem": serializers.CharField(),
    },
    many=True,
)
LEFT = inline_serializer(
    "ImportLeft",
    {
        "member": serializers.IntegerField(),
        "kind": serializers.CharField(help_text="`stays` as it is, or `trashed`."),
        "why": serializers.ListField(child=serializers.CharField()),
    },
    many=True,
)
REVERTED = inline_serializer(
    "ImportReverted",
    {
        "removed": serializers.IntegerField(),
        "trashed": serializers.IntegerField(),
        "restored": serializers.IntegerField(),
        "ungrouped": serializers.IntegerField(),
        "groups": serializers.IntegerField(),
        "fields": serializers.IntegerField(),
        "tags": serializers.IntegerField(),
        "used": serializers.ListField(child=serializers.CharField(), help_text="Groups, tags and fields that stay."),
        "left_count": serializers.IntegerField(),
        "left": LEFT,
    },
    allow_null=True,
)
SHOWN = inline_serializer(
    "ImportOut",
    {
        "id": serializers.IntegerField(),
        "state": serializers.ChoiceField(STATES),
        "mode": serializers.ChoiceField(ImportMode.choices),
        "header_row": serializers.IntegerField(
            allow_null=True, help_text="Line of the file that holds the titles; 0: none; null: not read yet."
        ),
        "rows": serializers.IntegerField(),
        "created": serializers.IntegerField(),
        "updated": serializers.IntegerField(),
        "skipped": serializers.IntegerField(),
        "error_count": serializers.IntegerField(),
        "errors": ROW_ERROR,
        "problem": serializers.CharField(),
        "created_at": serializers.DateTimeField(),
        "finished_at": serializers.DateTimeField(allow_null=True),
        "reverted_at": serializers.DateTimeField(allow_null=True),
        "reverted": REVERTED,
    },
)
STARTED = inline_serializer(
    "ImportStarted", {"id": serializers.IntegerField(), "state": serializers.ChoiceField(STATES)}
)


class ImportRow(serializers.ModelSerializer):
    """An import in a list: without its mistakes."""

    state = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ChoiceField(STATES))
    def get_state(self, row: Import) -> str:
        return _state(row)

    class Meta:
        model = Import
        fields = [
            "id", "state", "mode", "rows", "created", "updated", "skipped", "error_count", "problem", "created_at",
            "finished_at",
        ]  # fmt: skip


class ImportViewSet(TenantViewSet):
    scopes = {
        "list": Scope.MEMBERS_READ,
        "create": Scope.MEMBERS_WRITE,
        "retrieve": Scope.MEMBERS_READ,
        "apply": Scope.MEMBERS_WRITE,
        "revert": Scope.MEMBERS_WRITE,
    }
    parser_classes = [UploadParser, FormParser, StrictJSONParser]

    @extend_schema(responses=ImportRow(many=True))
    def list(self, request: Request) -> Response:
        """Imports, newest first."""
        return self.paged(import_list(self.tenant), ImportRow)

    @extend_schema(request={"multipart/form-data": ImportIn}, responses={202: STARTED})
    @idempotent
    def create(self, request: Request) -> Response:
        """Upload a roster (.xlsx, .xls, .ods, .csv). It is read and written by a worker; ask `GET /imports/{id}`."""
        row = start_import(tenant=self.tenant, by=self.by, **self.clean(ImportIn, request.data))
        return Response(_started(row), status=202)

    @extend_schema(responses=SHOWN)
    def retrieve(self, request: Request, pk: str) -> Response:
        """How far an import is. `errors` holds the first 1,000; `error_count` counts the rows that have any."""
        row = import_row(self.tenant, int(pk))
        if row is None:
            raise Http404
        return Response(_shown(row))

    @extend_schema(request=None, responses={202: STARTED})
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, pk: str) -> Response:
        """Write what the preview shows; twice is once."""
        self.clean_nothing()
        return Response(_started(apply_import(tenant=self.tenant, by=self.by, pk=int(pk))), status=202)

    @extend_schema(request=None, responses={202: STARTED})
    @action(detail=True, methods=["post"])
    def revert(self, request: Request, pk: str) -> Response:
        """Take an import back within thirty days: `applying`, then `reverted` with what was done. Twice is once."""
        self.clean_nothing()
        return Response(_started(revert_import(tenant=self.tenant, by=self.by, pk=int(pk))), status=202)


def _started(row: Import) -> dict[str, Any]:
    return {"id": row.pk, "state": _state(row)}


def _state(row: Import) -> str:
    return ImportState.APPLYING if row.state == ImportState.REVERTING else row.state


def _shown(row: Import) -> dict[str, Any]:
    return {
        "id": row.pk,
        "state": _state(row),
        "mode": row.mode,
        "header_row": (row.sample or {}).get("header_row"),
        "rows": row.rows,
        "created": row.created,
        "updated": row.updated,
        "skipped": row.skipped,
        "error_count": row.error_count,
        "errors": [row_error(error) for error in row.errors],
        "problem": row.problem,
        "created_at": localtime(row.created_at).isoformat(),
        "finished_at": localtime(row.finished_at).isoformat() if row.finished_at else None,
        "reverted_at": localtime(row.reverted_at).isoformat() if row.state == ImportState.REVERTED else None,
        "reverted": row.reverted or None,
    }


def row_error(error: dict[str, Any]) -> dict[str, Any]:
    """A stored mistake in the words of whoever asks."""
    return {
        "row": error["row"],
        "column": error["column"],
        "value": error["value"],
        "problem": import_words.problem(error["code"]),
    }


routes = [("imports", ImportViewSet)]
