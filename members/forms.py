"""What people type about members and groups, before the services check it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.exceptions import ReasonMissing
from members.enums import Tone
from members.models import Field, Group, Member
from ui.phones import format_phone

OWN = "own_"  # what the tenant's own columns are called in a form, followed by their id


class GroupsField(forms.ModelMultipleChoiceField):
    """Groups by id; a number that no database holds is as wrong as any other."""

    def clean(self, value: Any) -> Any:
        if any(len(str(one)) > 18 for one in value or ()):
            raise forms.ValidationError(self.error_messages["invalid_choice"], params={"value": ""})
        return super().clean(value)


class MemberForm(forms.Form):
    """One member. Values are checked by the service; this form only carries them, and what was typed stays."""

    name = forms.CharField(label=_("이름"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    phone = forms.CharField(
        label=_("휴대폰"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off", "placeholder": "010-0000-0000"}),
    )
    birth_date = forms.DateField(
        label=_("생일"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
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
        self.fields["groups"].queryset = groups  # type: ignore[attr-defined]
        for field in own:
            self.fields[f"{OWN}{field.pk}"] = forms.CharField(label=field.name, max_length=500, required=False)

    @property
    def own_fields(self) -> list[Any]:
        return [self[f"{OWN}{field.pk}"] for field in self.own]

    def values(self) -> dict[str, Any]:
        """Keyword arguments of members.services.members.create and update."""
        data = self.cleaned_data
        names = [group.name for group in data["groups"]]
        if data["new_group"].strip():
            names.append(data["new_group"])
        return {
            "name": data["name"],
            "phone": data["phone"],
            "birth_date": data["birth_date"],
            "memo": data["memo"],
            "groups": names,
            "fields": {field.name: data[f"{OWN}{field.pk}"] for field in self.own},
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
        "birth_date": member.birth_date,
        "memo": member.memo,
        "groups": [group.pk for group in member.groups.all()],
        "ad": member.ad_consent_at is not None,
        "night": member.night_consent_at is not None,
        **{f"{OWN}{field.pk}": member.fields.get(field.name, "") for field in own},
    }
