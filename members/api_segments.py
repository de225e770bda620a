"""Segments over the REST API: rules in the language of `members.segments`, who is in them, how many it was each day."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_base import Body, TenantViewSet
from accounts.enums import Scope
from accounts.idempotency import idempotent
from members import segments, selectors
from members.api import MemberOut, RosterPagination
from members.enums import Tone
from members.exceptions import InvalidRule
from members.models import Segment, SegmentCount
from members.selectors import segments as reads
from members.services import segments as services

READ, WRITE = Scope.MEMBERS_READ, Scope.MEMBERS_WRITE


class SegmentIn(Body):
    name = serializers.CharField(max_length=40)
    tone = serializers.ChoiceField(Tone.choices, required=False)
    rule = serializers.JSONField()


class RuleIn(Body):
    rule = serializers.JSONField()


class SegmentOut(serializers.ModelSerializer):
    class Meta:
        model = Segment
        fields = ["id", "name", "tone", "rule", "member_count", "counted_at", "created_at"]


class CountOut(serializers.ModelSerializer):
    class Meta:
        model = SegmentCount
        fields = ["on", "count"]


class PreviewOut(serializers.Serializer):
    count = serializers.IntegerField()
    count_is_minimum = serializers.BooleanField()
    sample = serializers.ListField(child=serializers.CharField())
    words = serializers.CharField()


class OpOut(serializers.Serializer):
    op = serializers.CharField()
    label: Any = serializers.CharField()
    value = serializers.ChoiceField([takes.value for takes in segments.Takes])


class OptionOut(serializers.Serializer):
    value = serializers.JSONField()
    label: Any = serializers.CharField()


class AskableOut(serializers.Serializer):
    field: Any = serializers.CharField()
    title = serializers.CharField()
    ops = OpOut(many=True)
    options = OptionOut(many=True)


class SegmentViewSet(TenantViewSet):
    """Segments of the key's tenant. Who is in one is asked anew each time."""

    pagination_class = RosterPagination
    serializer_class = SegmentOut
    scopes = {
        "list": READ,
        "retrieve": READ,
        "create": WRITE,
        "partial_update": WRITE,
        "destroy": WRITE,
        "members": READ,
        "preview": READ,
        "counts": READ,
        "fields": READ,
    }

    def list(self, request: Request) -> Response:
        return self.paged(reads.segment_list(self.tenant), SegmentOut)

    @extend_schema(request=SegmentIn, responses={201: SegmentOut})
    @idempotent
    def create(self, request: Request) -> Response:
        segment = services.create(tenant=self.tenant, by=self.by, **self.clean(SegmentIn, request.data))
        return Response(SegmentOut(segment).data, status=201)

    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(SegmentOut(reads.segment(self.tenant, int(pk))).data)

    @extend_schema(request=SegmentIn, responses=SegmentOut)
    def partial_update(self, request: Request, pk: str) -> Response:
        segment = reads.segment(self.tenant, int(pk))
        changes = self.clean(SegmentIn, request.data, partial=True)
        return Response(SegmentOut(services.update(tenant=self.tenant, by=self.by, segment=segment, **changes)).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        services.delete(tenant=self.tenant, by=self.by, segment=reads.segment(self.tenant, int(pk)))
        return Response(status=204)

    @extend_schema(responses=MemberOut(many=True))
    @action(detail=True, methods=["get"])
    def members(self, request: Request, pk: str) -> Response:
        """Who is in it now, newest first."""
        segment = reads.segment(self.tenant, int(pk))
        roster = selectors.roster(self.tenant, segment=segment)
        if roster.problem:
            raise InvalidRule(segments.read(self.tenant, segment.rule).problems)
        return self.paged(roster, MemberOut)

    @extend_schema(responses=CountOut(many=True))
    @action(detail=True, methods=["get"])
    def counts(self, request: Request, pk: str) -> Response:
        """How many were in it each day (Seoul), the latest first."""
        return self.paged(reads.counts(self.tenant, reads.segment(self.tenant, int(pk))), CountOut)

    @extend_schema(request=RuleIn, responses=PreviewOut)
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        """What a rule would find, nothing stored: the count (exact to 10,000), five names, the rule in words."""
        found = reads.find(self.tenant, self.clean(RuleIn, request.data)["rule"])
        if found.problems:
            raise InvalidRule(found.problems)
        body = {"count": found.count, "count_is_minimum": found.is_minimum, "sample": found.names, "words": found.words}
        return Response(body)

    @extend_schema(responses=AskableOut(many=True))
    @action(detail=False, methods=["get"], pagination_class=None)
    def fields(self, request: Request) -> Response:
        """What a rule may ask about: each field with its operators, the value each takes, and what can be picked."""
        ask = segments.Catalog(self.tenant).ask()
        found = [
            {
                "field": name,
                "title": str(question.title),
                "ops": [{"op": k, "label": str(op.label), "value": op.takes.value} for k, op in question.ops.items()],
                "options": [{"value": value, "label": label} for value, label in question.options(ask)],
            }
            for name, question in ask.catalog.questions.items()
        ]
        return Response(found)


routes = [("segments", SegmentViewSet)]
