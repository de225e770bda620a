"""Members and groups over the REST API, by the same services as the pages."""

from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_base import Body, TenantViewSet
from accounts.api_lists import COUNTED, PAGE_SIZE, PAGE_SIZE_MAX, BadCursor, BadPage, Pagination, whole
from accounts.enums import Scope
from accounts.exceptions import Refusal
from accounts.idempotency import idempotent
from members import birthdays, import_words, selectors
from members import phone as phones
from members.birthdays import LUNAR, SOLAR, BadBirthday, Birthday
from members.enums import ConsentKind, ContactRole, Stage, Tone
from members.fields import by_name
from members.models import Field, Group, Member
from members.selectors import Roster
from members.selectors.rosters import ORDERINGS
from members.services import groups as grouping
from members.services import members as services
from ui import times

CALENDARS = [(SOLAR, SOLAR), (LUNAR, LUNAR)]
READ, WRITE = Scope.MEMBERS_READ, Scope.MEMBERS_WRITE
IDS_MOST = 10_000
TAGS_MOST = 50
_ALIASES = {"created_at": "id", "-created_at": "-id"}


class ConsentIn(Body):
    kind = serializers.ChoiceField(ConsentKind.choices)
    given = serializers.BooleanField()
    source: Any = serializers.CharField(max_length=60)
    at = serializers.DateTimeField(required=False)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        # A PATCH makes the fields of a member optional; those of a consent never are.
        if lacking := {"kind", "given", "source"} - set(data):
            raise serializers.ValidationError({name: self.fields[name].error_messages["required"] for name in lacking})
        return data


class ContactIn(Body):
    role = serializers.ChoiceField(ContactRole.choices, default=ContactRole.GUARDIAN)
    name = serializers.CharField(max_length=40, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=40)
    gets_notices = serializers.BooleanField(default=True)
    gets_dues = serializers.BooleanField(default=True)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if "phone" not in data:  # a PATCH makes the fields of a member optional; those of a contact never are
            raise serializers.ValidationError({"phone": self.fields["phone"].error_messages["required"]})
        return data


class BirthdayIn(Body):
    """A birthday that `birth_date` can't say: lunar, in a leap month, without its year or its day."""

    calendar = serializers.ChoiceField(CALENDARS, default=SOLAR)
    year = serializers.IntegerField(min_value=1900, max_value=2100, required=False, allow_null=True)
    month = serializers.IntegerField(min_value=1, max_value=12)
    day = serializers.IntegerField(min_value=1, max_value=31, required=False, allow_null=True)
    leap = serializers.BooleanField(default=False)

    def validate(self, data: dict[str, Any]) -> Any:
        if "month" not in data:  # a PATCH makes the fields of a member optional; those of a birthday never are
            raise serializers.ValidationError({"month": self.fields["month"].error_messages["required"]})
        found = Birthday(
            data.get("calendar", SOLAR), data.get("year"), data["month"], data.get("day"), data.get("leap", False)
        )
        try:
            return birthdays.checked(found, times.today())
        except BadBirthday as error:
            raise serializers.ValidationError(import_words.problem(error.code)) from error


class MemberIn(Body):
    name = serializers.CharField(max_length=40)
    phone = serializers.CharField(max_length=40)
    birth_date = serializers.DateField(required=False, allow_null=True)
    birthday = BirthdayIn(required=False, allow_null=True)
    memo = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    groups = serializers.ListField(child=serializers.CharField(max_length=40), max_length=100, required=False)
    fields: Any = serializers.DictField(
        child=serializers.CharField(allow_blank=True, allow_null=True, max_length=500), required=False
    )
    consents = ConsentIn(many=True, required=False)
    contacts = ContactIn(many=True, required=False, help_text="Replaces all that are there.")
    tags = serializers.ListField(
        child=serializers.CharField(max_length=21), max_length=TAGS_MOST, required=False,
        help_text="Replaces all that are there; made where they are missing.",
    )  # fmt: skip
    stage = serializers.ChoiceField(Stage.choices, required=False)
    stage_on = serializers.DateField(required=False, help_text="The day of the step to `stage`; today unless given.")
    source: Any = serializers.CharField(max_length=40, required=False, allow_blank=True)


class ContactOut(serializers.Serializer):
    role = serializers.ChoiceField(ContactRole.choices)
    name = serializers.CharField()
    phone = serializers.CharField()
    gets_notices = serializers.BooleanField()
    gets_dues = serializers.BooleanField()


class ConsentOut(serializers.Serializer):
    kind = serializers.ChoiceField(ConsentKind.choices)
    given = serializers.BooleanField()
    at = serializers.DateTimeField()


class BirthdayOut(serializers.Serializer):
    calendar = serializers.ChoiceField(CALENDARS)
    year = serializers.IntegerField(allow_null=True)
    month = serializers.IntegerField()
    day = serializers.IntegerField(allow_null=True)
    leap = serializers.BooleanField()


class MemberOut(serializers.Serializer):
    """A member as the contract shows it; `consents` are the ones in force."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    phone = serializers.CharField()
    can_receive = serializers.SerializerMethodField()
    birth_date = serializers.DateField(allow_null=True, help_text="The solar day of birth, where it is known.")
    birthday = serializers.SerializerMethodField()
    next_birthday = serializers.DateField(allow_null=True, help_text="The next solar day on which it falls.")
    memo = serializers.CharField()
    groups = serializers.SerializerMethodField()
    fields: Any = serializers.SerializerMethodField(method_name="own_fields")
    consents = serializers.SerializerMethodField()
    contacts = serializers.SerializerMethodField()
    tags = serializers.SerializerMethodField()
    stage = serializers.ChoiceField(Stage.choices)
    stage_on = serializers.DateField(allow_null=True)
    source: Any = serializers.CharField()
    dead_at = serializers.DateTimeField(
        allow_null=True, help_text="Since when the number is held to be nobody's: three texts in a row came back."
    )
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def own_fields(self, member: Member) -> dict[str, str]:
        """By their present names. They are read once for all the members of an answer."""
        if not hasattr(self, "_own"):
            self._own = list(Field.objects.filter(tenant=member.tenant_id))
        return by_name(member.fields, self._own)

    @extend_schema_field(BirthdayOut(allow_null=True))
    def get_birthday(self, member: Member) -> dict[str, Any] | None:
        return member.born._asdict() if member.born else None

    def get_can_receive(self, member: Member) -> bool:
        return phones.can_receive(member.phone)

    def get_groups(self, member: Member) -> list[str]:
        return [group.name for group in member.groups.all()]

    @extend_schema_field(ContactOut(many=True))
    def get_contacts(self, member: Member) -> Any:
        return ContactOut(member.contacts.all(), many=True).data

    def get_tags(self, member: Member) -> list[str]:
        return sorted(carried.tag.name for carried in member.member_tags.all())

    @extend_schema_field(ConsentOut(many=True))
    def get_consents(self, member: Member) -> list[dict[str, Any]]:
        present = {ConsentKind.AD: member.ad_consent_at, ConsentKind.NIGHT: member.night_consent_at}
        given = [{"kind": kind, "given": True, "at": at} for kind, at in present.items() if at]
        return list(ConsentOut(given, many=True).data)


class GroupOut(serializers.ModelSerializer):
    class Meta:
        model = Group
        fields = ["id", "name", "tone", "member_count"]


class GroupIn(Body):
    name = serializers.CharField(max_length=40)
    tone = serializers.ChoiceField(Tone.choices, required=False)


class GroupMembersIn(Body):
    add = serializers.ListField(child=serializers.IntegerField(min_value=1), max_length=IDS_MOST, required=False)
    remove = serializers.ListField(child=serializers.IntegerField(min_value=1), max_length=IDS_MOST, required=False)


class GroupMembersOut(serializers.Serializer):
    added = serializers.IntegerField()
    removed = serializers.IntegerField()
    unknown = serializers.ListField(child=serializers.IntegerField())
    member_count = serializers.IntegerField()


class RosterPagination(Pagination):
    """Pages of a Roster, which knows by itself how a million is paged."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        if not isinstance(queryset, Roster):
            return super().paginate_queryset(queryset, request, view)
        self.request = request
        self.size = whole(request, "page_size", PAGE_SIZE, 1, PAGE_SIZE_MAX)
        self.previous_page = 0
        page = queryset.page(self._cursor(queryset), self.size, start=self._start())
        self.total = queryset.total  # the page has counted on its way
        self.next_cursor, self.previous_cursor = page.next, page.previous
        prefetch_related_objects(page.rows, "member_tags__tag", "contacts")
        return page.rows

    def _cursor(self, roster: Roster) -> str:
        cursor = self.request.query_params.get("cursor")
        if cursor is None:
            return ""
        if not roster.knows(cursor):
            raise BadCursor
        return cursor

    def _start(self) -> int:
        if "cursor" in self.request.query_params:
            return 0
        number = whole(self.request, "page", 1, 1, COUNTED, BadPage)
        start = (number - 1) * self.size
        if start and start + self.size > COUNTED:
            raise BadPage
        self.previous_page = number - 1
        return start


class MemberViewSet(TenantViewSet):
    """Members of the key's tenant. A phone may belong to several of them; deleting one puts it into the trash."""

    pagination_class = RosterPagination
    serializer_class = MemberOut
    scopes = {"list": READ, "retrieve": READ, "create": WRITE, "partial_update": WRITE, "destroy": WRITE}

    @extend_schema(
        parameters=[
            OpenApiParameter("search", str, description="Part of the name, initials (ㄱㅁㅅ), last digits, memo."),
            OpenApiParameter("group", str, description="A group's name or id."),
            OpenApiParameter("stage", str, enum=Stage.values),
            OpenApiParameter("tag", str, description="A tag's name."),
            OpenApiParameter("dead", str, description="1: members whose number came back three times."),
            OpenApiParameter("ordering", str, enum=[*ORDERINGS, *_ALIASES], description="Newest first unless given."),
        ]
    )
    def list(self, request: Request) -> Response:
        group, tag = request.query_params.get("group"), request.query_params.get("tag")
        rows = selectors.roster(
            self.tenant,
            search=request.query_params.get("search", ""),
            group=selectors.group_named(self.tenant, group) if group else None,
            ordering=_ordering(request.query_params.get("ordering", "")),
            stage=_stage(request.query_params.get("stage", "")),
            tag=selectors.tag_named(self.tenant, tag) if tag else None,
            dead=request.query_params.get("dead") in {"1", "true"},
        )
        return self.paged(rows, MemberOut)

    @extend_schema(request=MemberIn, responses={201: MemberOut})
    @idempotent
    def create(self, request: Request) -> Response:
        member = services.create(tenant=self.tenant, by=self.by, **self.clean(MemberIn, request.data))
        return Response(MemberOut(selectors.member(self.tenant, member.pk)).data, status=201)

    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(MemberOut(selectors.member(self.tenant, int(pk))).data)

    @extend_schema(request=MemberIn, responses=MemberOut)
    def partial_update(self, request: Request, pk: str) -> Response:
        member = selectors.member(self.tenant, int(pk))
        changes = self.clean(MemberIn, request.data, partial=True)
        services.update(tenant=self.tenant, by=self.by, member=member, **changes)
        return Response(MemberOut(selectors.member(self.tenant, member.pk)).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Into the trash, from which a person can take it back."""
        services.trash_one(tenant=self.tenant, by=self.by, member=selectors.member(self.tenant, int(pk)))
        return Response(status=204)


class GroupViewSet(TenantViewSet):
    """Groups of the key's tenant, in its own order."""

    serializer_class = GroupOut
    scopes = {
        "list": READ,
        "retrieve": READ,
        "create": WRITE,
        "partial_update": WRITE,
        "destroy": WRITE,
        "members": WRITE,
    }

    def list(self, request: Request) -> Response:
        return self.paged(selectors.group_list(self.tenant), GroupOut)

    @extend_schema(request=GroupIn, responses={201: GroupOut})
    @idempotent
    def create(self, request: Request) -> Response:
        group = grouping.create(tenant=self.tenant, by=self.by, **self.clean(GroupIn, request.data))
        return Response(GroupOut(group).data, status=201)

    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(GroupOut(selectors.group(self.tenant, int(pk))).data)

    @extend_schema(request=GroupIn, responses=GroupOut)
    def partial_update(self, request: Request, pk: str) -> Response:
        group = selectors.group(self.tenant, int(pk))
        changes = self.clean(GroupIn, request.data, partial=True)
        return Response(GroupOut(grouping.update(tenant=self.tenant, by=self.by, group=group, **changes)).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        grouping.delete(tenant=self.tenant, by=self.by, group=selectors.group(self.tenant, int(pk)))
        return Response(status=204)

    @extend_schema(request=GroupMembersIn, responses=GroupMembersOut)
    @action(detail=True, methods=["post"])
    def members(self, request: Request, pk: str) -> Response:
        """Puts members into the group and takes others out; ids that are no members of the tenant come back."""
        group = selectors.group(self.tenant, int(pk))
        asked = self.clean(GroupMembersIn, request.data)
        add, remove = set(asked.get("add", ())), set(asked.get("remove", ()))
        known = set(selectors.members_by_id(self.tenant, add | remove).values_list("id", flat=True))
        added, removed = grouping.change_members(
            tenant=self.tenant, by=self.by, group=group,
            add=selectors.members_by_id(self.tenant, add), remove=selectors.members_by_id(self.tenant, remove),
        )  # fmt: skip
        unknown = sorted((add | remove) - known)
        body = {"added": added, "removed": removed, "unknown": unknown, "member_count": group.member_count}
        return Response(body)


def _stage(asked: str) -> str:
    """A stage, or a 422 that names them."""
    if asked and asked not in Stage.values:
        sentence = _("단계는 %(known)s 가운데 하나로 적어 주세요.") % {"known": ", ".join(Stage.values)}
        raise Refusal(sentence, code="invalid", fields={"stage": [sentence]})
    return asked


def _ordering(asked: str) -> str:
    """One of ORDERINGS, or a 422 that names them."""
    asked = _ALIASES.get(asked, asked)
    if asked and asked not in ORDERINGS:
        sentence = _("정렬은 %(known)s 가운데 하나로 적어 주세요.") % {"known": ", ".join(ORDERINGS)}
        raise Refusal(sentence, code="invalid", fields={"ordering": [sentence]})
    return asked


routes = [("members", MemberViewSet), ("groups", GroupViewSet)]
