"""A quote in a person's words: 단문 288 + 장문 24, 잔여 1,204/310, and who makes it long."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from messaging.drafting import Draft
from messaging.enums import ExcludedReason, Type
from messaging.exceptions import EmptyText, NobodyAgreed
from messaging.rules import SMS_BYTES
from messaging.selectors import forecasts
from messaging.services import nights, policies, quoting
from messaging.services.compose import Quote

# Said in a place of their own: beside the text, in the balance, or in the page's banner.
_ELSEWHERE = {"sandbox", "balance", "forecast", "missing_field", "unsendable_characters", "empty_text"}
# Not a reason to stop: everything else that check() found is.
_HARMLESS = {
    "sandbox", "balance", "forecast", "missing_field", "too_long_for_some",
    nights.MOVED, nights.SPLIT, policies.STOPPED, quoting.OWN_NUMBERS, quoting.DEAD_NUMBERS,
}  # fmt: skip


def context(quote: Quote, draft: Draft) -> dict[str, Any]:
    """What the fragments #quote, #sendbar and #confirm show."""
    excluded = [
        (reason, ExcludedReason(reason).label, count)
        for reason, count in sorted(quote.excluded.items(), key=lambda pair: -pair[1])
        if count
    ]
    return {
        "quote": quote,
        "has_text": bool(draft.text.strip()),
        "types_words": types_words(quote),
        "balance_words": balance_words(quote),
        "forecast_words": forecast_words(quote),
        # Not before something is written: a stand-in's length says nothing of what is to come.
        "forecast_short": bool(draft.text.strip()) and forecasts.is_short(quote.forecast),
        "planned_words": planned_words(quote),
        "excluded_rows": excluded,
        "excluded_total": sum(count for _reason, _label, count in excluded),
        "longest_words": longest_words(quote, titled=bool(draft.title.strip())),
        "missing_rows": missing_words(quote),
        "notices": [sentence for code, sentence in quote.notices if code not in _ELSEWHERE],
        "send_label": send_label(quote, draft),
        "leaves_at": leaves_at(quote, draft),
        "ad_words": ad_words(quote) if draft.ad else "",
        "to_words": "" if draft.to.is_empty else people_words(quote.recipients),
    }


def blocks(quote: Quote, draft: Draft) -> list[str]:
    """Why it can't be sent as it is; an empty list is: it can."""
    found = [sentence for code, sentence in quote.notices if code not in _HARMLESS]
    if not draft.text.strip():
        found.insert(0, str(EmptyText.message))
    if draft.to.is_empty:
        found.insert(0, _("받는 사람을 골라 주세요."))
    elif not quote.recipients:
        lacking = draft.ad and quote.excluded.get(ExcludedReason.NO_CONSENT)
        found.insert(
            0, str(NobodyAgreed.message) if lacking else _("고른 사람 중에 문자를 받을 수 있는 사람이 없어요.")
        )
    return list(dict.fromkeys(found))


def types_words(quote: Quote) -> str:
    """단문 288 + 장문 24"""
    order = [kind for kind in Type.values if quote.types.get(kind)]
    return " + ".join(f"{Type(kind).label} {quote.types[kind]:,}" for kind in order)


def balance_words(quote: Quote) -> str:
    """단문 1,204 / 장문 310"""
    pairs = [(Type.SMS, quote.balance.sms), (Type.LMS, quote.balance.lms)]
    known = [f"{kind.label} {count:,}" for kind, count in pairs if count is not None]
    return " / ".join(known) or _("아직 몰라요")


def forecast_words(quote: Quote) -> str:
    """What remains after this and everything scheduled: 단문 1,084 / 장문 270, or 단문 -120."""
    kinds = [kind for kind in (Type.SMS, Type.LMS) if quote.forecast.get(kind) is not None]
    short = [kind for kind in kinds if (quote.forecast[kind] or 0) < 0]
    return " / ".join(f"{kind.label} {quote.forecast[kind]:,}" for kind in short or kinds)


def planned_words(quote: Quote) -> str:
    """What others will take: 단문 320 + 장문 20."""
    return " + ".join(f"{Type(kind).label} {count:,}" for kind, count in quote.planned.items() if count)


def longest_words(quote: Quote, *, titled: bool) -> str:
    """Who makes some of the texts long, where others stay short."""
    long = quote.types.get(Type.LMS, 0)
    if not long or not quote.types.get(Type.SMS):
        return (
            _("제목을 쓰면 짧은 글도 장문으로 나가요.") if titled and long and quote.longest_bytes <= SMS_BYTES else ""
        )
    named = [f"{name or _('이름 없음')} {size:,}" for name, size in quote.longest if size > SMS_BYTES][:3]
    return _("{people}바이트까지 길어져서 {count:,}명에게는 장문으로 나가요.").format(
        people=", ".join(named), count=long
    )


def missing_words(quote: Quote) -> list[str]:
    """Per field: how many have nothing to put there, and some of their names."""
    found = []
    for name, lack in quote.missing.items():
        people = ", ".join(filter(None, lack.names[:3])) or _("이름 없는 번호")
        found.append(
            _("#{{{field}}}: {people} 등 {count:,}명").format(field=name, people=people, count=lack.count)
            if lack.count > 1
            else _("#{{{field}}}: {people}").format(field=name, people=people)
        )
    if found:
        field = next(iter(quote.missing))
        found.append(_("#{{{field}|대신할 말}}처럼 적어 두면 빈칸이 없어요.").format(field=field))
    return found


def send_label(quote: Quote, draft: Draft) -> str:
    if not quote.recipients:
        return _("보내기")
    count = quote.recipients
    if leaves_at(quote, draft):
        return ngettext("예약하기 ({count:,}명)", "예약하기 ({count:,}명)", count).format(count=count)
    return ngettext("{count:,}명에게 보내기", "{count:,}명에게 보내기", count).format(count=count)


def leaves_at(quote: Quote, draft: Draft) -> datetime | None:
    """When it is to leave, the night being what it is; None where it leaves now."""
    return quote.night.morning if quote.night and quote.night.moves else draft.send_at


def ad_words(quote: Quote) -> str:
    """Who of the chosen gets an ad."""
    lacking = quote.excluded.get(ExcludedReason.NO_CONSENT, 0)
    if not lacking:
        return ""
    return _("광고를 받기로 한 사람에게만 보내요. 동의한 기록이 없는 {count:,}명은 빠져요.").format(count=lacking)


def people_words(count: int) -> str:
    """Korean counts alike what English does not: 1 person, 2 people."""
    return ngettext("{count:,}명", "{count:,}명", count).format(count=count)
