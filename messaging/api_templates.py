"""Kept texts over the REST API."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_base import Body, TenantViewSet
from accounts.enums import Scope
from accounts.idempotency import idempotent
from messaging.models import Template
from messaging.selectors import templates as reading
from messaging.services import templates as services

READ, WRITE = Scope.MESSAGES_READ, Scope.MESSAGES_SEND


class TemplateIn(Body):
    name = serializers.CharField(max_length=40)
    text = serializers.CharField(max_length=8000, trim_whitespace=False)
    title = serializers.CharField(max_length=200, required=False, allow_blank=True)
    ad = serializers.BooleanField(required=False)


class TemplateOut(serializers.ModelSerializer):
    class Meta:
        model = Template
        fields = ["id", "name", "title", "text", "ad", "created_at", "changed_at"]


class TemplateViewSet(TenantViewSet):
    """Kept texts of the key's tenant, in its own order. `template` of a dispatch is the id of one."""

    serializer_class = TemplateOut
    scopes = {"list": READ, "retrieve": READ, "create": WRITE, "partial_update": WRITE, "destroy": WRITE}

    @extend_schema(
        parameters=[OpenApiParameter("search", str, description="Words of the name, the title or the text.")]
    )
    def list(self, request: Request) -> Response:
        return self.paged(reading.templates(self.tenant, request.query_params.get("search", "")[:100]), TemplateOut)

    @extend_schema(request=TemplateIn, responses={201: TemplateOut})
    @idempotent
    def create(self, request: Request) -> Response:
        row = services.create(tenant=self.tenant, by=self.by, **self.clean(TemplateIn, request.data))
        return Response(TemplateOut(row).data, status=201)

    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(TemplateOut(reading.template(self.tenant, int(pk))).data)

    @extend_schema(request=TemplateIn, responses=TemplateOut)
    def partial_update(self, request: Request, pk: str) -> Response:
        row = reading.template(self.tenant, int(pk))
        changes = self.clean(TemplateIn, request.data, partial=True)
        return Response(TemplateOut(services.update(tenant=self.tenant, by=self.by, template=row, **changes)).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        services.delete(tenant=self.tenant, by=self.by, template=reading.template(self.tenant, int(pk)))
        return Response(status=204)


routes = [("templates", TemplateViewSet)]
