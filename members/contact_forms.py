"""What the forms of a member hold beside its own columns: contacts row by row, tags, the stage of a prospect."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.enums import ContactRole, Stage, Tone
from members.models import Member
from ui import phones, times

MOST = 10
BLANK = 2  # empty rows that a form offers where no script adds any
_ROW = re.compile(r"contact-(\d{1,2})-phone")
ROLES = [
    ContactRole.MOTHER, ContactRole.FATHER, ContactRole.GUARDIAN, ContactRole.PAYER, ContactRole.SELF,
    ContactRole.OTHER,
]  # fmt: skip


def roles() -> list[tuple[str, Any]]:
    """The roles in the order of how often they are wanted."""
    return [(role.value, role.label) for role in ROLES]


def posted_contacts(data: Any) -> list[dict[str, Any]] | None:
    """The contacts a posted form holds, rows without number and name left out; None where it has no such part."""
    if "contacts" not in data:
        return None
    numbers = sorted(int(found[1]) for name in data if (found := _ROW.fullmatch(name)))
    rows = [_row(data, n) for n in numbers]
    return [row for row in rows if row["phone"] or row["name"]]


def contact_rows(data: Any, member: Member | None) -> list[dict[str, Any]]:
    """The rows as the form shows them: as typed, or as they are; with some empty ones to write into."""
    rows = posted_contacts(data) if data else None
    if rows is None:
        rows = [
            {
                "role": one.role, "name": one.name, "phone": phones.format_phone(one.phone),
                "gets_notices": one.gets_notices, "gets_dues": one.gets_dues,
            }
            for one in (member.contacts.all() if member else ())
        ]  # fmt: skip
    blank = {"role": ContactRole.MOTHER, "name": "", "phone": "", "gets_notices": True, "gets_dues": True}
    rows += [dict(blank) for _n in range(min(BLANK if rows else 1, max(MOST - len(rows), 0)))]
    return [{**row, "n": n} for n, row in enumerate(rows)]


def _row(data: Any, n: int) -> dict[str, Any]:
    return {
        "role": data.get(f"contact-{n}-role", ""),
        "name": data.get(f"contact-{n}-name", "").strip(),
        "phone": data.get(f"contact-{n}-phone", "").strip(),
        "gets_notices": f"contact-{n}-notices" in data,
        "gets_dues": f"contact-{n}-dues" in data,
    }


def posted_tags(data: Any) -> list[str] | None:
    """The tags a posted form names, one after the other with commas; None where it has no such part."""
    if "tags" not in data:
        return None
    return [word for word in (part.strip() for part in data["tags"].split(",")) if word.removeprefix("#").strip()]


def extras(data: Any, member: Member | None) -> dict[str, Any]:
    """Keyword arguments of members.services.members.create and update for these parts, as far as the form has them."""
    given: dict[str, Any] = {}
    contacts, tags = posted_contacts(data), posted_tags(data)
    if contacts is not None:
        given["contacts"] = contacts
    if tags is not None:
        given["tags"] = tags
    if "stage" in data:
        stage = data["stage"]
        # Whoever is put in as a member took no step of a prospect.
        given["stage"] = "" if stage == (member.stage if member else Stage.ACTIVE) else stage
    if "source" in data:
        given["source"] = data["source"]
    return given


class ContactForm(forms.Form):
    """One contact of the card's panel."""

    role = forms.ChoiceField(label=_("누구"), choices=ContactRole.choices, initial=ContactRole.MOTHER)
    name = forms.CharField(label=_("이름"), max_length=40, required=False)
    phone = forms.CharField(label=_("휴대폰"), max_length=40)
    gets_notices = forms.BooleanField(label=_("안내 문자를 받아요"), required=False, initial=True)
    gets_dues = forms.BooleanField(label=_("회비 문자를 받아요"), required=False, initial=True)

    phone.widget.attrs |= {"inputmode": "tel", "autocomplete": "off", "placeholder": "010-0000-0000"}
    name.widget.attrs |= {"autocomplete": "off"}


class StageForm(forms.Form):
    """A step to another stage."""

    stage = forms.ChoiceField(label=_("단계"), choices=Stage.choices)
    on = forms.DateField(label=_("날짜"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    source = forms.CharField(label=_("알게 된 경로"), max_length=40, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].widget.attrs["max"] = times.today().isoformat()

    def step(self) -> dict[str, Any]:
        """Keyword arguments of members.services.stages.change_stage; a source that was not asked for stays."""
        data = self.cleaned_data
        return {"stage": data["stage"], "on": data["on"], "source": data["source"] if "source" in self.data else None}


class TagForm(forms.Form):
    name = forms.CharField(label=_("태그 이름"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    tone = forms.ChoiceField(label=_("색"), choices=Tone.choices, required=False, widget=forms.RadioSelect)
