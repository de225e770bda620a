"""The tenant's tags over the REST API."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import selectors
from accounts.api_base import Body, TenantViewSet
from accounts.enums import Scope
from accounts.idempotency import idempotent
from accounts.models import Tag
from accounts.services import tags as services
from members.enums import Tone
from members.selectors.tags import tag_counts


class TagIn(Body):
    name = serializers.CharField(max_length=40)
    tone = serializers.ChoiceField(Tone.choices, required=False)


class TagOut(serializers.ModelSerializer):
    """A tag with how many living members carry it."""

    member_count = serializers.SerializerMethodField()

    class Meta:
        model = Tag
        fields = ["id", "name", "tone", "member_count"]

    def get_member_count(self, tag: Tag) -> int:
        return self.context["counts"].get(tag.pk, 0)


class TagViewSet(TenantViewSet):
    """Tags of the key's tenant: one set for members and whatever else is tagged."""

    serializer_class = TagOut
    scopes = {
        "list": Scope.MEMBERS_READ,
        "retrieve": Scope.MEMBERS_READ,
        "create": Scope.MEMBERS_WRITE,
        "partial_update": Scope.MEMBERS_WRITE,
        "destroy": Scope.MEMBERS_WRITE,
    }

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "counts": tag_counts(self.tenant)}

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(selectors.tags(self.tenant)) or []
        return self.get_paginated_response(self._shown(page, many=True))

    @extend_schema(request=TagIn, responses={201: TagOut})
    @idempotent
    def create(self, request: Request) -> Response:
        tag = services.create(tenant=self.tenant, by=self.by, **self.clean(TagIn, request.data))
        return Response(self._shown(tag), status=201)

    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(self._shown(selectors.tag(self.tenant, int(pk))))

    @extend_schema(request=TagIn, responses=TagOut)
    def partial_update(self, request: Request, pk: str) -> Response:
        tag = selectors.tag(self.tenant, int(pk))
        changes = self.clean(TagIn, request.data, partial=True)
        return Response(self._shown(services.update(tenant=self.tenant, by=self.by, tag=tag, **changes)))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Taken away from everything that carries it."""
        services.delete(tenant=self.tenant, by=self.by, tag=selectors.tag(self.tenant, int(pk)))
        return Response(status=204)

    def _shown(self, tags: Any, *, many: bool = False) -> Any:
        return TagOut(tags, many=many, context=self.get_serializer_context()).data


routes = [("tags", TagViewSet)]
