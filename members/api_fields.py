"""The tenant's own columns over the REST API, and the files in those that hold files."""

from typing import Any

from django.http import FileResponse, Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import FormParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import uploads
from accounts.api_base import ID_MOST, Body, StrictJSONParser, TenantViewSet, UploadParser
from accounts.api_lists import whole
from accounts.enums import Scope
from accounts.idempotency import idempotent
from accounts.models import Upload
from members import selectors
from members.enums import FieldKind
from members.fields import CHOICE_MAX, CHOICES_MOST, NAME_MAX
from members.models import Field
from members.selectors.own_fields import field, held_files, value_count
from members.services import fields as services

READ, WRITE = Scope.MEMBERS_READ, Scope.MEMBERS_WRITE


class FieldIn(Body):
    name = serializers.CharField(max_length=NAME_MAX)
    kind = serializers.ChoiceField(FieldKind.choices, default=FieldKind.TEXT)
    choices: Any = serializers.ListField(
        child=serializers.CharField(max_length=CHOICE_MAX), max_length=CHOICES_MOST, required=False
    )


class FieldChange(FieldIn):
    """`clear`: values that do not fit the new kind or choices are taken away; without it they are in the way (409).
    `renamed`: choices by their old wording and the new one; members and segments that have them follow."""

    renamed: Any = serializers.DictField(child=serializers.CharField(max_length=CHOICE_MAX), required=False)
    clear = serializers.BooleanField(default=False)


class FieldOut(serializers.ModelSerializer):
    """`former`: names it had before; bodies, sheets and texts may still say them."""

    class Meta:
        model = Field
        fields = ["id", "name", "kind", "choices", "former", "position"]


class FieldDetail(FieldOut):
    value_count = serializers.SerializerMethodField()

    class Meta(FieldOut.Meta):
        fields = [*FieldOut.Meta.fields, "value_count"]

    def get_value_count(self, row: Field) -> int:
        return value_count(row.tenant, row)


class FileIn(Body):
    file = serializers.FileField(max_length=200, allow_empty_file=True)


class FileOut(serializers.ModelSerializer):
    """`id` is what goes into `fields` of a member."""

    class Meta:
        model = Upload
        fields = ["id", "name", "kind", "size"]


class FieldViewSet(TenantViewSet):
    """Fields of the key's tenant. Members give and take their values by name, former names too."""

    serializer_class = FieldOut
    scopes = {
        "list": READ, "retrieve": READ, "create": WRITE, "partial_update": WRITE, "destroy": WRITE, "upload": WRITE,
        "file": READ,
    }  # fmt: skip
    parser_classes = [StrictJSONParser, UploadParser, FormParser]

    def list(self, request: Request) -> Response:
        return self.paged(selectors.fields(self.tenant), FieldOut)

    @extend_schema(request=FieldIn, responses={201: FieldOut})
    @idempotent
    def create(self, request: Request) -> Response:
        row = services.create(tenant=self.tenant, by=self.by, **self.clean(FieldIn, request.data))
        return Response(FieldOut(row).data, status=201)

    @extend_schema(responses=FieldDetail)
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(FieldDetail(field(self.tenant, int(pk))).data)

    @extend_schema(request=FieldChange, responses=FieldOut)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Rename it, or give it another kind or other choices; values that do not fit: 409 `values_do_not_fit`."""
        row = field(self.tenant, int(pk))
        changes = self.clean(FieldChange, request.data, partial=True)
        return Response(FieldOut(services.update(tenant=self.tenant, by=self.by, field=row, **changes)).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Its values go with it; for 30 days a person can take it back whole."""
        services.drop(tenant=self.tenant, by=self.by, field=field(self.tenant, int(pk)))
        return Response(status=204)

    @extend_schema(request={"multipart/form-data": FileIn}, responses={201: FileOut})
    @action(detail=True, methods=["post"])
    @idempotent
    def upload(self, request: Request, pk: str) -> Response:
        """Upload a file for a field that holds files; the id that comes back goes into `fields` of a member."""
        row = field(self.tenant, int(pk))
        kept = services.keep_file(
            tenant=self.tenant, by=self.by, field=row, file=self.clean(FileIn, request.data)["file"]
        )
        return Response(FileOut(kept).data, status=201)

    @extend_schema(
        parameters=[OpenApiParameter("member", int, required=True)],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str) -> FileResponse:
        """The file that a member has in this field."""
        row = field(self.tenant, int(pk))
        member = selectors.member(self.tenant, whole(request, "member", 0, 0, ID_MOST))
        held = held_files(self.tenant, [member], [row]).get((member.pk, str(member.fields.get(row.key))))
        if held is None:
            raise Http404
        return FileResponse(
            uploads.open_(held), as_attachment=True, filename=held.name, content_type="application/octet-stream"
        )


routes = [("fields", FieldViewSet)]
