"""What people type on the pages of messaging, made clean. Nothing is written here."""

import re
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.exceptions import ReasonMissing
from members import phone as phones
from members.enums import Stage
from messaging import rules, text
from messaging.drafting import DUE, NOW, PHONES_MAX, RECENT_MOST, Audience, Draft, Except, Phone
from messaging.enums import MessageState, Via
from ui.numbers import wholes
from ui.times import SEOUL, day_range

MAX_TESTS = 3
# A number as people write it, with or without +82; several may stand in a line.
_NUMBER = re.compile(
    r"(?:\+?82[\s-]*(?:\(0\)\s*)?)?\(?\d{2,4}\)?[\s.\-–—]*\d{3,4}[\s.\-–—]*\d{4}(?!\d)|1[568]\d\d-?\d{4}(?!\d)"
)


class SenderForm(forms.Form):
    number = forms.CharField(label=_("번호"), max_length=20, help_text=_("지역번호부터 적어 주세요. 예: 02-789-0123"))
    label = forms.CharField(
        label=_("알아보기 쉬운 이름"), max_length=30, required=False, help_text=_("예: 본관 접수대")
    )

    number.widget.attrs |= {"inputmode": "tel", "autocomplete": "off"}

    def clean_number(self) -> str:
        digits = re.sub(r"[\s().\-–—]", "", self.cleaned_data["number"])
        try:
            rules.check_sender(digits)
        except rules.BadSender as problem:
            raise forms.ValidationError(str(problem)) from problem
        return digits


class ConnectForm(forms.Form):
    user_id = forms.CharField(label=_("알리고 아이디"), max_length=60)
    api_key = forms.CharField(
        label=_("API 키"), max_length=200, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )

    user_id.widget.attrs |= {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
    api_key.widget.attrs |= {"autocomplete": "off"}


class ExportForm(forms.Form):
    reason = forms.CharField(
        label=_("내보내는 이유"),
        max_length=200,
        error_messages={"required": ReasonMissing.message},
        help_text=_("개인정보가 밖으로 나가는 일이라 이유를 기록으로 남겨요."),
    )
    format = forms.ChoiceField(
        label=_("형식"), choices=[("xlsx", _("엑셀 (.xlsx)")), ("csv", "CSV")], initial="xlsx", widget=forms.RadioSelect
    )
    masked = forms.BooleanField(label=_("이름과 번호 일부를 가리기"), required=False, initial=True)


class IdsField(forms.Field):
    """Several ids from several inputs of one name; what is no id is dropped, whose they are the service sees to."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[int]:
        return list(dict.fromkeys(wholes(value or ())))


class ComposeForm(forms.Form):
    """The compose page. Lenient on purpose: a text half written is quoted, previewed and kept; submit refuses."""

    name = forms.CharField(max_length=60, required=False)
    all = forms.BooleanField(required=False)
    unpaid = forms.BooleanField(required=False)
    groups = IdsField(required=False)
    members = IdsField(required=False)
    except_members = IdsField(required=False)
    except_groups = IdsField(required=False)
    except_phones = forms.CharField(required=False, max_length=400_000)
    except_dead = forms.BooleanField(required=False)
    except_staff = forms.BooleanField(required=False)
    segments = IdsField(required=False)
    except_segments = IdsField(required=False)
    except_tags = IdsField(required=False)
    except_stages = forms.MultipleChoiceField(choices=Stage.choices, required=False)
    except_recent = forms.IntegerField(min_value=0, max_value=RECENT_MOST, required=False)
    except_unpaid = forms.BooleanField(required=False)
    as_of = forms.ChoiceField(choices=[("", ""), (DUE, DUE), (NOW, NOW)], required=False)
    phones = forms.CharField(required=False, max_length=400_000)
    via = forms.ChoiceField(choices=[("", ""), *Via.choices], required=False)
    title = forms.CharField(required=False, max_length=60)
    text = forms.CharField(required=False, strip=False, max_length=20_000)
    sender = forms.CharField(required=False, max_length=20)
    ad = forms.BooleanField(required=False)
    each = forms.BooleanField(required=False)
    each_reason = forms.CharField(required=False, max_length=100)
    later = forms.BooleanField(required=False)
    date = forms.DateField(required=False)
    time = forms.TimeField(required=False)
    until = forms.BooleanField(required=False)
    until_date = forms.DateField(required=False)
    until_time = forms.TimeField(required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("later") and not {"date", "time"} & set(self.errors):
            if not given.get("date"):
                self.add_error("date", _("언제 보낼지 날짜를 골라 주세요."))
            if not given.get("time"):
                self.add_error("time", _("몇 시에 보낼지 골라 주세요."))
        if given.get("until") and not (given.get("until_date") and given.get("until_time")):
            self.add_error("until_date", _("언제까지 보낼지 날짜와 시각을 골라 주세요."))
        return given

    def draft(self) -> Draft:
        """What is typed, as the services take it; call after is_valid()."""
        given = self.cleaned_data
        audience = Audience(
            members=given.get("members", []),
            groups=given.get("groups", []),
            phones=people_in(given.get("phones", ""))[:PHONES_MAX],
            all=given.get("all", False),
            except_=Except(
                members=given.get("except_members", []),
                groups=given.get("except_groups", []),
                phones=people_in(given.get("except_phones", ""))[:PHONES_MAX],
                dead=given.get("except_dead", False),
                segments=given.get("except_segments", []),
                tags=given.get("except_tags", []),
                stages=given.get("except_stages", []),
                recent_days=given.get("except_recent") or 0,
                unpaid=given.get("except_unpaid", False),
                staff=given.get("except_staff", False),
            ),
            via=given.get("via", ""),
            unpaid=given.get("unpaid", False),
            segments=given.get("segments", []),
            as_of=given.get("as_of") or DUE,
        )
        return Draft(
            to=audience,
            text=text.normalise(given.get("text", "")),
            title=given.get("title", ""),
            sender=given.get("sender", ""),
            ad=given.get("ad", False),
            each=given.get("each", False),
            each_reason=given.get("each_reason", ""),
            send_at=self._moment("later", "date", "time"),
            expires_at=self._moment("until", "until_date", "until_time"),
            name=given.get("name", ""),
        )

    def _moment(self, switch: str, date: str, time: str) -> datetime | None:
        day, clock = self.cleaned_data.get(date), self.cleaned_data.get(time)
        if not (self.cleaned_data.get(switch) and day and clock):
            return None
        return datetime.combine(day, clock, tzinfo=SEOUL)


_LISTS = (
    "groups", "segments", "members", "except_members", "except_groups", "except_segments", "except_tags",
    "except_stages",
)  # fmt: skip
_WORDS = (
    "edit", "seen", "name", "via", "as_of", "phones", "except_phones", "except_recent", "title", "text", "sender",
    "each_reason",
    "date", "time", "until_date", "until_time",
)  # fmt: skip
_SWITCHES = ("all", "unpaid", "except_dead", "except_staff", "except_unpaid", "ad", "each", "later", "until")


def kept(posted: QueryDict) -> dict[str, Any]:
    """The compose page as typed, right or wrong, for keeping as a draft; without NUL, which PostgreSQL can't keep."""
    words = {name: posted.get(name, "")[:400_000].replace("\0", "") for name in _WORDS}
    lists = {name: [one.replace("\0", "") for one in posted.getlist(name)[:5000]] for name in _LISTS}
    if not re.fullmatch("[0-9]{1,18}", words["edit"]):
        words["edit"] = ""  # the page links to the dispatch it edits
    return lists | words | {name: name in posted for name in _SWITCHES}


class SearchForm(forms.Form):
    """The archive: any of these, together."""

    RESULTS = [("", _("모든 결과")), *((s.value, s.label) for s in MessageState)]

    q = forms.CharField(label=_("이름이나 번호"), max_length=40, required=False)
    text = forms.CharField(label=_("내용"), max_length=60, required=False)
    sender = forms.ChoiceField(label=_("발신번호"), required=False)
    state = forms.ChoiceField(label=_("결과"), required=False, choices=RESULTS)
    since = forms.DateField(label=_("부터"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("까지"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, senders: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sender"].choices = [  # type: ignore[attr-defined]
            ("", _("모든 번호")),
            *((n, phones.format(n)) for n in senders),
        ]

    def whom(self) -> dict[str, str]:
        """A name, or a number or its end where digits are typed."""
        asked = self.cleaned_data.get("q", "").strip()
        digits = re.sub(r"[\s\-.]", "", asked)
        return {"phone": digits} if digits.isdecimal() and len(digits) >= 3 else {"person": asked}

    def moments(self) -> dict[str, datetime | None]:
        """The days asked for as moments: from the first's midnight up to the end of the last, in Seoul."""
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        return {"since": day_range(since)[0] if since else None, "until": day_range(until)[1] if until else None}


def people_in(pasted: str) -> list[Phone]:
    """(number, name) for every number of a pasted list such as "김민수 010-1234-5678"; several may stand in a line.

    A line without a number comes back whole, so that it can be named as wrong.
    """
    found: list[Phone] = []
    for line in pasted.splitlines():
        hits = _NUMBER.findall(line)
        if len(hits) == 1:
            name = " ".join(line.replace(hits[0], " ").split()).strip(" ,;:/|\"'\t")
            found.append((hits[0].strip(), name[:40]))
        elif hits:
            found += [(hit.strip(), "") for hit in hits]
        elif line.strip():
            found.append((line.strip()[:40], ""))
    return found


_NAME_TITLES = ("이름", "성명", "성함", "고객명", "회원명", "학생명", "name")
_NAME = re.compile(r"[가-힣]{2,5}|[A-Za-z][A-Za-z .'-]{1,30}")


def people_of(rows: list[list[Any]]) -> list[Phone]:
    """(number, name) of each row of a sheet that holds a mobile; the first mobile of a row is the one meant."""
    column = _name_column(rows)
    found: list[Phone] = []
    for row in rows:
        if number := next(iter(mobiles_in(row)), ""):
            name = str(row[column]).strip() if column is not None and column < len(row) else ""
            found.append((number, name[:40]))
    return found


def mobiles_in(row: list[Any]) -> list[str]:
    """Every mobile number in the cells of a row."""
    return [digits for cell in row if (digits := _mobile(cell))]


def _mobile(cell: Any) -> str:
    try:
        return phones.parse_mobile(cell)
    except phones.BadPhone:
        return ""


def _name_column(rows: list[list[Any]]) -> int | None:
    """The column that a header calls a name, else the one with the most cells that look like one."""
    for row in rows[:30]:
        for index, cell in enumerate(row):
            if isinstance(cell, str) and cell.replace(" ", "").lower() in _NAME_TITLES:
                return index
    width = max((len(row) for row in rows[:200]), default=0)
    votes = [sum(_looks_named(row, index) for row in rows[:200]) for index in range(width)]
    best = max(votes, default=0)
    return votes.index(best) if best else None


def _looks_named(row: list[Any], index: int) -> bool:
    return index < len(row) and isinstance(row[index], str) and bool(_NAME.fullmatch(row[index].strip()))
