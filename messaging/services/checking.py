"""Whether a draft may be sent as written: every problem it has, as refusals in reading order."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from accounts.exceptions import Refusal
from accounts.models import Tenant
from messaging import ads, rules
from messaging import exceptions as no
from messaging.drafting import Draft, is_phone
from messaging.merging import BUILT_IN, SHARED
from messaging.models import Sender
from messaging.rules import LMS_BYTES
from messaging.selectors.audience import gone_groups, gone_segments, gone_tags, own_fields
from messaging.services import policies
from messaging.text import Template, TextError, TooLong, check_title, normalise, parse, unsendable
from ui import times

LATE = timedelta(minutes=5)  # a clock that runs a little behind is not a mistake
FAR = timedelta(days=366)


@dataclass
class Checked:
    """A draft as it will go out; `template` is of the literal text where the text could not be read.

    An ad's `template` stands between its blocks; `typed` and `title` are what the person wrote.
    """

    template: Template
    typed: Template
    title: str
    sender: str
    problems: list[Refusal]
    unsendable: list[str]

    def must_be_fine(self) -> None:
        """Raise the first problem, if any."""
        if self.problems:
            raise self.problems[0]


def check(*, tenant: Tenant, draft: Draft) -> Checked:
    """Everything that can be said without looking at the recipients."""
    problems: list[Refusal] = []
    typed = _template(draft.text, problems)
    template = _as_ad(tenant, typed, problems) if draft.ad else typed
    title = normalise(draft.title).replace("\n", " ").strip()
    bad = unsendable(typed.literal)
    _check_text(tenant, typed, bad, problems)
    _check_size(template, problems)
    _check_title(title, draft.ad, problems)
    _check_marks(draft, problems)
    sender = _sender(tenant, draft.sender, problems)
    if gone_groups(tenant, [*draft.to.groups, *draft.to.except_.groups]):
        problems.append(no.GroupGone(fields={"to": [no.GroupGone.message]}))
    left = draft.to.except_
    if gone_segments(tenant, [*draft.to.segments, *left.segments]) or gone_tags(tenant, left.tags):
        problems.append(no.SegmentGone(fields={"to": [no.SegmentGone.message]}))
    if unread := [raw for raw, _name in draft.to.except_.phones if not is_phone(raw)]:
        problems.append(no.BadException(unread))
    _check_each(draft, typed, problems)
    _check_times(draft, problems)
    if not tenant.may_send:
        problems.append(no.AccessExpired())
    return Checked(template, typed, title, sender, problems, list(dict.fromkeys([*bad, *unsendable(title)])))


def check_words(*, tenant: Tenant, draft: Draft) -> list[Refusal]:
    """What is wrong with the words alone, for a text that is only kept: fields, length, characters, the mark of ads."""
    problems: list[Refusal] = []
    typed = _template(draft.text, problems)
    _check_text(tenant, typed, unsendable(typed.literal), problems)
    _check_size(_as_ad(tenant, typed, problems) if draft.ad else typed, problems)
    _check_title(normalise(draft.title).replace("\n", " ").strip(), draft.ad, problems)
    _check_marks(draft, problems)
    return problems


def _template(text: str, problems: list[Refusal]) -> Template:
    try:
        return parse(text)
    except TextError as error:
        problems.append(no.of_text(error))
        return Template((normalise(text),))


def _as_ad(tenant: Tenant, typed: Template, problems: list[Refusal]) -> Template:
    """The text between the blocks of this tenant's ads."""
    around = ads.blocks(policies.of(tenant), tenant.name)
    if unsendable(around.head):
        problems.append(no.AdNameUnsendable())
    return ads.wrapped(typed, around)


def _check_text(tenant: Tenant, typed: Template, bad: list[str], problems: list[Refusal]) -> None:
    if not typed.literal.strip().removeprefix(rules.AD_MARK).strip() and not typed.fields:
        problems.append(no.EmptyText(fields={"text": [no.EmptyText.message]}))
    if typed.fields:
        unknown = sorted(typed.fields - set(BUILT_IN) - set(own_fields(tenant)))
        if unknown:
            problems.append(no.UnknownField(unknown))
    if bad:
        problems.append(no.UnsendableText(bad))


def _check_size(template: Template, problems: list[Refusal]) -> None:
    fixed = template.fixed + (ads.CODE_LENGTH if ads.CODE in template.fields else 0)
    if fixed > LMS_BYTES:
        problems.append(no.of_text(TooLong(bytes=fixed, limit=LMS_BYTES)))


def _check_title(title: str, ad: bool, problems: list[Refusal]) -> None:
    if "#{" in title:
        problems.append(no.FieldInTitle(fields={"title": [no.FieldInTitle.message]}))
    if bad := unsendable(title):
        problems.append(no.UnsendableText(bad, "title"))
    try:
        check_title(rules.ad_title(title) if ad else title)
    except TextError as error:
        problems.append(no.of_text(error, "title"))


def _check_marks(draft: Draft, problems: list[Refusal]) -> None:
    """AD5: an ad carries the plain mark and no other; what begins like an ad has to be one."""
    for field, words in (("text", draft.text), ("title", draft.title)):
        if not draft.ad and rules.leading_ad_mark(words):
            problems.append(no.AdNotSwitchedOn(field))
        elif draft.ad and (marks := rules.forbidden_ad_marks(words)):
            problems.append(no.AdMarkForbidden(marks, field))


def _sender(tenant: Tenant, number: str, problems: list[Refusal]) -> str:
    digits = "".join(filter(str.isdigit, number))
    ours = Sender.objects.filter(tenant=tenant, deleted_at=None)
    if number.strip():
        if not ours.filter(number=digits).exists():
            problems.append(no.SenderNotRegistered(fields={"sender": [_("등록되지 않은 발신번호예요.")]}))
        return digits[:12]
    found = ours.order_by("-is_default", "pk").values_list("number", flat=True).first()
    if found is None:
        problems.append(no.SenderMissing())
    return found or ""


def _check_each(draft: Draft, typed: Template, problems: list[Refusal]) -> None:
    """Several texts to one phone need a reason, and something by which they differ."""
    if not draft.each:
        return
    if not draft.each_reason.strip():
        problems.append(no.EachReasonMissing(fields={"same_phone_reason": [no.EachReasonMissing.message]}))
    if typed.fields <= SHARED:
        problems.append(no.EachNeedsField(fields={"same_phone": [no.EachNeedsField.message]}))


def _check_times(draft: Draft, problems: list[Refusal]) -> None:
    now = times.now()
    start = draft.send_at or now
    if start < now - LATE:
        problems.append(no.SendAtPast(fields={"send_at": [no.SendAtPast.message]}))
    if start > now + FAR:
        problems.append(no.SendAtTooFar(fields={"send_at": [no.SendAtTooFar.message]}))
    if draft.expires_at and draft.expires_at <= max(start, now):
        problems.append(no.ExpiresTooSoon(fields={"expires_at": [no.ExpiresTooSoon.message]}))
