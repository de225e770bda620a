"""Deeds on several members over the REST API: merging two, changing many, and taking both back."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_base import ID_MOST, Body, TenantViewSet
from accounts.api_lists import whole
from accounts.enums import Scope
from accounts.idempotency import idempotent
from members import selectors
from members.enums import BulkEditState, Stage
from members.selectors import twins
from members.selectors.edits import bulk_edit, bulk_edits
from members.services import bulk_edits as editing
from members.services import uniting

READ, WRITE = Scope.MEMBERS_READ, Scope.MEMBERS_WRITE
IDS_MOST = 10_000
PAGES_MOST = 10_000
KINDS = {"same_person": twins.same_people, "same_birthday": twins.same_births, "family": twins.families}


def _ids(most: int = 100) -> serializers.ListField:
    child = serializers.IntegerField(min_value=1, max_value=ID_MOST)
    return serializers.ListField(child=child, max_length=most, required=False)


def _names(longest: int = 20) -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(max_length=longest), max_length=100, required=False)


class MergeIn(Body):
    gone = serializers.IntegerField(min_value=1, max_value=ID_MOST, help_text="Who becomes a part of this member.")
    choose = serializers.DictField(
        child=serializers.ChoiceField([uniting.KEPT_SIDE, uniting.GONE_SIDE]), required=False,
        help_text="Whose value stays: name, phone, birthday, stage, source, ad, night, or fields.<key>.",
    )  # fmt: skip


class MergeOut(serializers.Serializer):
    id = serializers.IntegerField()
    kept = serializers.IntegerField(source="kept_id")
    gone = serializers.IntegerField(source="gone_id")
    created_at = serializers.DateTimeField()
    undone_at = serializers.DateTimeField(allow_null=True)


class PartedOut(MergeOut):
    stayed = serializers.ListField(child=serializers.CharField(), help_text="Columns that were edited since.")


class TwinOut(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    phone = serializers.CharField()
    birth_date = serializers.DateField(allow_null=True)


class DuplicatesOut(serializers.Serializer):
    members = TwinOut(many=True)


class DuplicatesPage(serializers.Serializer):
    results = DuplicatesOut(many=True)
    next_page = serializers.IntegerField(allow_null=True)


class ChangeIn(Body):
    groups_add = _ids()
    groups_remove = _ids()
    tags_add = _names()
    tags_remove = _names()
    stage = serializers.ChoiceField(Stage.choices, required=False)
    source: Any = serializers.CharField(max_length=40, required=False, allow_blank=True)
    fields: Any = serializers.DictField(child=serializers.CharField(allow_blank=True, max_length=500), required=False)
    memo_append = serializers.CharField(max_length=2000, required=False)


class BulkEditIn(Body):
    members = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=ID_MOST), max_length=IDS_MOST, required=False
    )
    all = serializers.BooleanField(default=False, help_text="Everybody who fits `search` and `group`.")
    search = serializers.CharField(max_length=100, required=False, allow_blank=True)
    group = serializers.IntegerField(min_value=1, max_value=ID_MOST, required=False)
    change = ChangeIn()
    preview = serializers.BooleanField(default=False)


class BulkEditOut(serializers.Serializer):
    id = serializers.IntegerField()
    state = serializers.ChoiceField(BulkEditState.choices)
    count = serializers.IntegerField()
    changed = serializers.IntegerField()
    left: Any = serializers.DictField()
    created_at = serializers.DateTimeField()
    undone_at = serializers.DateTimeField(allow_null=True)


class DuplicateViewSet(TenantViewSet):
    """Members who are likely the same person, and families who share a phone."""

    scopes = {"list": READ}

    @extend_schema(
        parameters=[OpenApiParameter("sort_of", str, enum=[*KINDS]), OpenApiParameter("page", int)],
        responses=DuplicatesPage,
    )
    def list(self, request: Request) -> Response:
        found = KINDS.get(request.query_params.get("sort_of", ""), twins.same_people)
        sets = found(self.tenant, whole(request, "page", 1, 1, PAGES_MOST))
        rows = [{"members": TwinOut(one.members, many=True).data} for one in sets.rows]
        return Response({"results": rows, "next_page": sets.page + 1 if sets.more else None})


class MemberMergeViewSet(TenantViewSet):
    """Two members of the tenant become one."""

    scopes = {"create": WRITE}

    @extend_schema(request=MergeIn, responses={201: MergeOut})
    @idempotent
    def create(self, request: Request, pk: str) -> Response:
        kept = selectors.member(self.tenant, int(pk))
        asked = self.clean(MergeIn, request.data)
        gone = selectors.member(self.tenant, asked["gone"])
        choose = asked.get("choose", {})
        merge = uniting.unite(tenant=self.tenant, by=self.by, kept=kept.pk, gone=gone.pk, choose=choose)
        return Response(MergeOut(merge).data, status=201)


class MergeViewSet(TenantViewSet):
    scopes = {"undo": WRITE}

    @extend_schema(request=None, responses=PartedOut)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Takes a merge back within thirty days; twice is once."""
        self.clean_nothing()
        merge, stayed = uniting.part(tenant=self.tenant, by=self.by, pk=int(pk))
        return Response({**MergeOut(merge).data, "stayed": stayed})


class MemberBulkEditViewSet(TenantViewSet):
    """One change to many members of the tenant."""

    scopes = {"create": WRITE}

    @extend_schema(request=BulkEditIn, responses={202: BulkEditOut})
    @idempotent
    def create(self, request: Request) -> Response:
        """With `preview` nothing is written: how many are meant and change, and the first of them. Else 202; many are
        changed by a worker: ask `GET /bulk-edits/{id}`."""
        asked = self.clean(BulkEditIn, request.data)
        who: dict[str, Any] = {"tenant": self.tenant, "members": self._members(asked), "change": asked["change"]}
        if not asked["preview"]:
            return Response(BulkEditOut(editing.edit(by=self.by, **who)).data, status=202)
        seen = editing.preview(**who)
        lines = [
            {"member": line.member.pk, "changes": [{"column": c, "before": b, "after": a} for c, b, a in line.changes]}
            for line in seen.lines
        ]
        return Response({"count": seen.count, "changed": seen.changed, "first": lines})

    def _members(self, asked: dict[str, Any]) -> Any:
        if not asked["all"]:
            return selectors.members_by_id(self.tenant, asked.get("members", ()))
        group = selectors.group(self.tenant, asked["group"]) if asked.get("group") else None
        return selectors.roster(self.tenant, search=asked.get("search", ""), group=group).rows()


class BulkEditViewSet(TenantViewSet):
    scopes = {"list": READ, "retrieve": READ, "undo": WRITE}
    serializer_class = BulkEditOut

    def list(self, request: Request) -> Response:
        return self.paged(bulk_edits(self.tenant), BulkEditOut)

    @extend_schema(responses=BulkEditOut)
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(BulkEditOut(bulk_edit(self.tenant, int(pk))).data)

    @extend_schema(request=None, responses={202: BulkEditOut})
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Takes an edit back within thirty days; what was edited since stays and is listed in `left`."""
        self.clean_nothing()
        return Response(BulkEditOut(editing.undo(tenant=self.tenant, by=self.by, pk=int(pk))).data, status=202)


routes = [
    ("members/duplicates", DuplicateViewSet),
    ("members/bulk-edit", MemberBulkEditViewSet),
    ("members/(?P<pk>[0-9]{1,18})/merge", MemberMergeViewSet),
    ("merges", MergeViewSet),
    ("bulk-edits", BulkEditViewSet),
]
