"""What the API of texts takes and gives: the bodies of the contract, checked for shape and said in its words."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api_base import Body
from accounts.exceptions import Refusal
from members.enums import Stage
from messaging import selectors
from messaging.drafting import DUE, NOW, RECENT_MOST, Audience
from messaging.enums import AccountMode, DispatchState, ExcludedReason, OptOutScope, OptOutSource, Type, Via
from messaging.exceptions import TemplateNotFound
from messaging.models import Dispatch, Message, OptOut, Sender
from messaging.selectors.dispatches import OPEN, SETTLED

IDS_MOST = 100_000
ASKED_MOST = 30_000  # ids that one query names: SQLite as most systems build it takes no more
STATES = [*OPEN, *SETTLED]
COUNTED = ["total", *OPEN, *SETTLED, "excluded"]


class NotYet(Refusal):
    code = "not_ready"


class TemplateGone(Refusal):
    """A dispatch that names no kept text of ours: wrong with the body, so 422 and not 404."""

    code = "template_not_found"
    message = TemplateNotFound.message


def _ids(most: int = IDS_MOST, **kwargs: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.IntegerField(min_value=1), max_length=most, **kwargs)


# --- What comes in -------------------------------------------------------------------------------------------------


class ExceptIn(Body):
    members = _ids(required=False)
    groups = _ids(ASKED_MOST, required=False)
    phones = serializers.ListField(child=serializers.CharField(max_length=80), max_length=IDS_MOST, required=False)


class LeftOutIn(ExceptIn):
    dead = serializers.BooleanField(required=False, help_text="Numbers that came back three times as nobody's.")
    segments = _ids(ASKED_MOST, required=False)
    tags = _ids(ASKED_MOST, required=False)
    stages = serializers.ListField(child=serializers.ChoiceField(Stage.choices), max_length=10, required=False)
    recent_days = serializers.IntegerField(
        min_value=1,
        max_value=RECENT_MOST,
        required=False,
        help_text="Who was texted in so many days; tests don't count.",
    )
    unpaid = serializers.BooleanField(required=False, help_text="Who is behind with dues.")
    staff = serializers.BooleanField(required=False, help_text="Numbers that staff gave as their own.")


class AudienceIn(ExceptIn):
    segments = _ids(ASKED_MOST, required=False)
    all = serializers.BooleanField(required=False)
    unpaid = serializers.BooleanField(
        required=False, help_text="A reminder: of all these only who is behind with dues, asked again as it leaves."
    )
    via = serializers.ChoiceField(
        ["self", *Via.values], required=False, help_text="Whose number a member's text goes to; one text a phone."
    )
    as_of = serializers.ChoiceField(
        [DUE, NOW], required=False, help_text="Whom a schedule means: who fits when it is due, or those who fit now."
    )

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "except": LeftOutIn(required=False)}  # the contract's word is Python's too


class DispatchIn(Body):
    to = AudienceIn()
    text = serializers.CharField(max_length=8000, trim_whitespace=False, allow_blank=True, required=False)
    title = serializers.CharField(max_length=200, required=False, allow_blank=True)
    sender = serializers.CharField(max_length=20, required=False, allow_blank=True)
    template = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    images = _ids(required=False)
    ad = serializers.BooleanField(required=False)
    # "each": members who share a phone get a text each, for the reason given; "one": one text a phone.
    same_phone = serializers.ChoiceField(["one", "each"], required=False)
    same_phone_reason = serializers.CharField(max_length=100, required=False, allow_blank=True)
    send_at = serializers.DateTimeField(required=False, allow_null=True)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
    name = serializers.CharField(max_length=60, required=False, allow_blank=True)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if data.pop("images", None):
            raise NotYet(_("아직 쓸 수 없는 항목이에요."), fields={"images": [_("아직 쓸 수 없는 항목이에요.")]})
        if "text" not in data and not data.get("template") and not self.partial:
            raise serializers.ValidationError({"text": self.fields["text"].error_messages["required"]})
        if "to" in data:
            data["to"] = Audience.from_json(data["to"])
        if "same_phone" in data:
            data["each"] = data.pop("same_phone") == "each"
        if "same_phone_reason" in data:
            data["each_reason"] = data.pop("same_phone_reason")
        return data


class ResendIn(Body):
    only = serializers.ChoiceField(["failed", "selected", "newcomers"], default="failed")
    messages = _ids(ASKED_MOST, required=False)


class SenderIn(Body):
    number = serializers.CharField(max_length=20)
    label = serializers.CharField(max_length=30, required=False, allow_blank=True)  # type: ignore[assignment]


class OptOutIn(Body):
    phone = serializers.CharField(max_length=40)
    scope = serializers.ChoiceField(OptOutScope.choices, default=OptOutScope.ALL)
    source = serializers.CharField(max_length=60, default=OptOutSource.API)  # type: ignore[assignment]


# --- What goes out -------------------------------------------------------------------------------------------------


class BalanceOut(serializers.Serializer):
    """How many of each type the account can still send: alternatives out of one purse."""

    SMS = serializers.IntegerField(source="sms", allow_null=True)
    LMS = serializers.IntegerField(source="lms", allow_null=True)
    MMS = serializers.IntegerField(source="mms", allow_null=True)
    checked_at = serializers.DateTimeField(allow_null=True)
    state = serializers.CharField()


class BalanceAheadOut(BalanceOut):
    """The balance, what scheduled and waiting texts will take, and what remains then: below zero is too little."""

    planned = serializers.DictField(child=serializers.IntegerField())
    forecast = serializers.DictField(child=serializers.IntegerField(allow_null=True))


class NoticeOut(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()


class QuoteOut(serializers.Serializer):
    recipients = serializers.IntegerField()
    excluded = serializers.DictField(child=serializers.IntegerField())
    types = serializers.DictField(child=serializers.IntegerField())
    longest_bytes = serializers.IntegerField()
    unsendable_characters = serializers.ListField(child=serializers.CharField())
    balance = BalanceOut()
    enough = serializers.BooleanField()
    planned = serializers.DictField(child=serializers.IntegerField())
    forecast = serializers.DictField(child=serializers.IntegerField(allow_null=True))
    own_number = serializers.IntegerField(help_text="Members without such a contact (`to.via`): to their own number.")
    dead_number = serializers.IntegerField(help_text="Recipients whose number came back three times.")
    notices = NoticeOut(many=True)


class CountsOut(serializers.Serializer):
    """All but `excluded` add up to `total`, which is null until prepared."""

    total = serializers.IntegerField(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), **{name: serializers.IntegerField() for name in COUNTED[1:]}}


class DispatchOut(serializers.ModelSerializer):
    """A dispatch with its counts; the view hands them over in one look (`counts` of the context)."""

    state = serializers.ChoiceField(DispatchState.choices)
    held_reason = serializers.SerializerMethodField()
    resend_of = serializers.IntegerField(source="resend_of_id", allow_null=True)
    via = serializers.SerializerMethodField()
    same_phone = serializers.SerializerMethodField()
    same_phone_of = serializers.IntegerField(source="first_id", allow_null=True)
    counts = serializers.SerializerMethodField()

    class Meta:
        model = Dispatch
        fields = [
            "id", "name", "state", "held_reason", "text", "title", "sender", "ad", "mode", "source", "resend_of",
            "via", "same_phone", "same_phone_of", "send_at", "asked_at", "expires_at", "created_at", "first_sent_at",
            "finished_at", "counts",
        ]  # fmt: skip

    @extend_schema_field(serializers.ChoiceField(["self", *Via.values]))
    def get_via(self, dispatch: Dispatch) -> str:
        return dispatch.via or "self"

    @extend_schema_field(serializers.ChoiceField(["one", "each"]))
    def get_same_phone(self, dispatch: Dispatch) -> str:
        return "each" if dispatch.each_reason else "one"

    def get_held_reason(self, dispatch: Dispatch) -> str | None:
        return dispatch.held_reason or None

    @extend_schema_field(CountsOut)
    def get_counts(self, dispatch: Dispatch) -> dict[str, int | None]:
        known = self.context.get("counts") or {}
        return known.get(dispatch.pk) or selectors.counts(dispatch)


class SubmittedOut(DispatchOut):
    notices = serializers.SerializerMethodField()

    class Meta(DispatchOut.Meta):
        fields = [*DispatchOut.Meta.fields, "notices"]

    @extend_schema_field(NoticeOut(many=True))
    def get_notices(self, dispatch: Dispatch) -> list[dict[str, str]]:
        told: list[tuple[str, str]] = list(getattr(dispatch, "notices", []))
        if dispatch.mode == AccountMode.SANDBOX:
            told.append(("sandbox", _("연습 계정이라 실제로 보내지 않아요. 알리고를 연결하면 실제로 보내요.")))
        return [{"code": code, "message": said} for code, said in told]


class MessageOut(serializers.Serializer):
    id = serializers.IntegerField()
    phone = serializers.CharField()
    member = serializers.IntegerField(source="member_id", allow_null=True)
    name = serializers.CharField()
    text = serializers.CharField(source="full_text")
    type = serializers.ChoiceField(Type.choices)
    state = serializers.ChoiceField(STATES, source="effective_state")
    reason = serializers.SerializerMethodField()
    provider_state = serializers.SerializerMethodField()
    sent_at = serializers.DateTimeField(allow_null=True)
    result_at = serializers.DateTimeField(allow_null=True)

    def get_reason(self, message: Message) -> str | None:
        return message.effective_reason or None  # type: ignore[attr-defined]

    def get_provider_state(self, message: Message) -> str | None:
        return message.provider_state or None


class ExcludedOut(serializers.Serializer):
    phone = serializers.CharField()
    member = serializers.IntegerField(source="member_id", allow_null=True)
    name = serializers.CharField()
    reason = serializers.ChoiceField(ExcludedReason.choices)


class SenderOut(serializers.ModelSerializer):
    class Meta:
        model = Sender
        fields = ["id", "number", "label", "is_default", "created_at"]


class OptOutOut(serializers.ModelSerializer):
    class Meta:
        model = OptOut
        fields = ["id", "phone", "scope", "source", "at"]
