"""A tenant's own columns in forms: one input by kind for a member's value, and the form of a field itself."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members import fields as kinds
from members import import_words
from members.cells import Unreadable
from members.enums import FieldKind
from members.models import Field

BOOL_CHOICES = [("", "–"), (kinds.YES, _("예")), (kinds.NO, _("아니오"))]
ACCEPT = ",".join(f".{kind}" for kind in kinds.FILE_KINDS)


class OwnInput(forms.CharField):
    """A value of one field. What was there and is left as it was is never refused, whatever its kind has become."""

    def __init__(self, row: Field, held: str) -> None:
        self.spec, self.held = kinds.spec(row), held
        super().__init__(label=row.name, max_length=kinds.VALUE_MAX, required=False, widget=_widget(self.spec, held))

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if text == self.held:
            return text
        try:
            return kinds.read(self.spec, text)
        except Unreadable as error:
            raise forms.ValidationError(import_words.problem(error.code)) from error


class OwnFile(forms.FileField):
    """A file of one field; the view keeps it, and `kept` and `clear` say what becomes of the value."""

    def __init__(self, row: Field, held: str) -> None:
        self.row, self.held = row, held
        super().__init__(
            label=row.name,
            max_length=200,
            required=False,
            allow_empty_file=True,
            widget=forms.FileInput(attrs={"accept": ACCEPT}),
        )


def own_input(row: Field, held: str) -> forms.Field:
    return OwnFile(row, held) if row.kind == FieldKind.FILE else OwnInput(row, held)


def _widget(spec: kinds.Spec, held: str) -> forms.Widget:
    if spec.kind == FieldKind.NUMBER:
        return forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    if spec.kind == FieldKind.DATE and (not held or kinds.as_date(held)):
        return forms.DateInput(attrs={"type": "date"})
    if spec.kind in (FieldKind.CHOICE, FieldKind.YES_NO):
        known = BOOL_CHOICES if spec.kind == FieldKind.YES_NO else [("", "–"), *((one, one) for one in spec.choices)]
        lost = [(held, held)] if held and held not in dict(known) else []
        return forms.Select(choices=[*known, *lost])
    return forms.TextInput(attrs={"autocomplete": "off"})


class FieldForm(forms.Form):
    """A field: its name, its kind, and one choice a line."""

    name = forms.CharField(
        label=_("항목 이름"), max_length=kinds.NAME_MAX, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    kind = forms.ChoiceField(label=_("종류"), choices=FieldKind.choices, initial=FieldKind.TEXT)
    choices = forms.CharField(
        label=_("고를 말"),
        required=False,
        max_length=kinds.CHOICES_MOST * (kinds.CHOICE_MAX + 2),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("종류가 ‘고르기’일 때만 써요. 한 줄에 하나씩 적고, 말을 고칠 때는 ‘옛말 → 새말’로 적어 주세요."),
    )
    clear = forms.BooleanField(label=_("맞지 않는 값은 비우고 바꾸기"), required=False)

    def __init__(self, *args: Any, row: Field | None = None, **kwargs: Any) -> None:
        if row is not None:
            kwargs.setdefault("initial", {"name": row.name, "kind": row.kind, "choices": "\n".join(row.choices)})
        super().__init__(*args, **kwargs)
        self.row = row

    def values(self) -> dict[str, Any]:
        """Keyword arguments of services.fields.create and, with those of `changes`, of update."""
        data = self.cleaned_data
        return {"name": data["name"], "kind": data["kind"], "choices": self._choices()}

    def changes(self) -> dict[str, Any]:
        return self.values() | {"clear": self.cleaned_data["clear"], "renamed": self._renamed()}

    def _choices(self) -> list[str]:
        """One a line; of "옛말 → 새말" the old word, which `renamed` mends."""
        lines, renamed = self.cleaned_data["choices"].splitlines(), self._renamed()
        return [old if (old := self._sides(line)[0]) in renamed else line for line in lines]

    def _renamed(self) -> dict[str, str]:
        held = self.row.choices if self.row else []
        sides = map(self._sides, self.cleaned_data["choices"].splitlines())
        return {old: new for old, new in sides if new and old in held}

    def _sides(self, line: str) -> tuple[str, str]:
        """The old word and the new one; an arrow in a choice that is held as it stands is a part of it."""
        whole = " ".join(line.split())
        if self.row and whole in self.row.choices:
            return whole, ""
        old, _arrow, new = line.replace("->", "→").partition("→")
        return " ".join(old.split()), " ".join(new.split())
