"""What people type about members and groups, before the services check it."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import uploads
from accounts.exceptions import ReasonMissing
from accounts.models import Upload
from members import import_words
from members.birthdays import LUNAR, SOLAR, BadBirthday, Birthday, checked
from members.dates import full_year
from members.enums import FieldKind, Tone
from members.field_forms import own_input
from members.models import Field, Group, Member
from ui import times
from ui.phones import format_phone

LEAP = "leap"
CALENDARS = [(SOLAR, _("양력")), (LUNAR, _("음력")), (LEAP, _("음력 윤달"))]
BIRTH = ("birth_calendar", "birth_year", "birth_month", "birth_day")
OWN = "own_"  # what the tenant's own columns are called in a form, followed by their id


class GroupsField(forms.ModelMultipleChoiceField):
    """Groups by id; a number that no database holds is as wrong as any other."""

    def clean(self, value: Any) -> Any:
        if any(len(str(one)) > 18 for one in value or ()):
            raise forms.ValidationError(self.error_messages["invalid_choice"], params={"value": ""})
        return super().clean(value)


def _whole(label: Any, digits: int, example: str, least: int = 1) -> forms.IntegerField:
    attrs = {"inputmode": "numeric", "autocomplete": "off", "placeholder": example, "maxlength": digits}
    return forms.IntegerField(
        label=label, required=False, min_value=least, max_value=10**digits - 1, widget=forms.TextInput(attrs=attrs)
    )


class MemberForm(forms.Form):
    """One member. Values are checked by the service; this form only carries them, and what was typed stays."""

    name = forms.CharField(label=_("이름"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    phone = forms.CharField(
        label=_("휴대폰"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off", "placeholder": "010-0000-0000"}),
    )
    # A birthday in parts: people know it in the lunar calendar, or without its year or its day.
    birth_calendar = forms.ChoiceField(
        label=_("양력·음력"),
        choices=CALENDARS,
        required=False,
        widget=forms.Select(attrs={"aria-label": _("양력·음력")}),
    )
    birth_year = _whole(_("태어난 해"), 4, "1985", least=0)  # 00 is 2000
    birth_month = _whole(_("태어난 달"), 2, "4")
    birth_day = _whole(_("태어난 날"), 2, "15")
    groups: Any = GroupsField(
        label=_("그룹"), queryset=Group.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    new_group = forms.CharField(label=_("새 그룹"), max_length=40, required=False)
    ad = forms.BooleanField(label=_("광고 문자를 받기로 했어요"), required=False)
    night = forms.BooleanField(label=_("밤(21시~8시)에도 받기로 했어요"), required=False)
    memo = forms.CharField(
        label=_("메모"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3, "maxlength": 2000})
    )

    def __init__(self, *args: Any, groups: Any, own: list[Field], member: Member | None = None, **kwargs: Any) -> None:
        if member is not None:
            kwargs.setdefault("initial", _present(member, own))
        super().__init__(*args, **kwargs)
        self.member, self.own = member, own
        self.uploaded: dict[int, Upload] = {}  # files that have come in with this form, by field
        self.fields["groups"].queryset = groups  # type: ignore[attr-defined]
        for field in own:
            self.fields[f"{OWN}{field.pk}"] = own_input(field, self._held(field))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["birthday"] = None
        try:
            data["birthday"] = _birthday(data, times.today())
        except BadBirthday as error:
            self.add_error("birth_month", import_words.problem(error.code))
        return data

    def _held(self, field: Field) -> str:
        return str(self.member.fields.get(field.key, "")) if self.member else ""

    @property
    def own_fields(self) -> list[dict[str, Any]]:
        """The inputs of the tenant's own columns; a file's with what is held, and what came in and waits."""
        return [
            {
                "bound": self[f"{OWN}{field.pk}"],
                "is_file": field.kind == FieldKind.FILE,
                "held": self._held(field),
                "kept": self.uploaded.get(field.pk),
                "token": uploads.token(self.uploaded[field.pk]) if field.pk in self.uploaded else "",
            }
            for field in self.own
        ]

    @property
    def file_fields(self) -> list[Field]:
        return [field for field in self.own if field.kind == FieldKind.FILE]

    @property
    def birth_errors(self) -> list[str]:
        return [str(error) for name in BIRTH for error in self[name].errors]

    def _own_values(self) -> dict[str, str]:
        """Only what differs from what is held: what nobody touched is not said again."""
        found = {}
        for field in self.own:
            name, held = f"{OWN}{field.pk}", self._held(field)
            if field.kind == FieldKind.FILE:
                upload = self.uploaded.get(field.pk)
                text = str(upload.pk) if upload else "" if self.data.get(f"{name}_clear") else held
            else:
                text = self.cleaned_data[name]
            if text != held:
                found[field.name] = text
        return found

    def values(self) -> dict[str, Any]:
        """Keyword arguments of members.services.members.create and update."""
        data = self.cleaned_data
        names = [group.name for group in data["groups"]]
        if data["new_group"].strip():
            names.append(data["new_group"])
        return {
            "name": data["name"],
            "phone": data["phone"],
            "birthday": data["birthday"],
            "memo": data["memo"],
            "groups": names,
            "fields": self._own_values(),
            "consents": self._consents(),
        }

    def _consents(self) -> list[dict[str, Any]]:
        """Only what differs from the member's present state is an expression of will."""
        before = {
            "ad": bool(self.member and self.member.ad_consent_at),
            "night": bool(self.member and self.member.night_consent_at),
        }
        after = {kind: self.cleaned_data[kind] for kind in before}
        source = str(_("직원이 적음"))
        return [{"kind": k, "given": after[k], "source": source} for k in before if before[k] != after[k]]


class GroupForm(forms.Form):
    name = forms.CharField(label=_("그룹 이름"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    tone = forms.ChoiceField(label=_("색"), choices=Tone.choices, required=False, widget=forms.RadioSelect)


class ViewForm(forms.Form):
    name = forms.CharField(label=_("보기 이름"), max_length=30)
    shared = forms.BooleanField(label=_("직원 모두에게 보이기"), required=False)


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


def _present(member: Member, own: list[Field]) -> dict[str, Any]:
    return {
        "name": member.name,
        "phone": format_phone(member.phone),
        **_born(member.born),
        "memo": member.memo,
        "groups": [group.pk for group in member.groups.all()],
        "ad": member.ad_consent_at is not None,
        "night": member.night_consent_at is not None,
        **{f"{OWN}{field.pk}": member.fields.get(field.key, "") for field in own},
    }


def _born(birthday: Birthday | None) -> dict[str, Any]:
    if birthday is None:
        return {"birth_calendar": SOLAR}
    kind = LEAP if birthday.leap else birthday.calendar
    return dict(zip(BIRTH, (kind, birthday.year, birthday.month, birthday.day), strict=True))


def _birthday(data: dict[str, Any], today: date) -> Birthday | None:
    """The birthday typed; 85 is 1985. Raises BadBirthday."""
    kind, year, month, day = (data.get(name) for name in BIRTH)
    if year is None and not (month or day):
        return None
    if not month:
        raise BadBirthday("no_month")
    if year is not None:
        year = full_year(year, today)
    return checked(Birthday(SOLAR if kind in (SOLAR, "", None) else LUNAR, year, month, day, kind == LEAP), today)
