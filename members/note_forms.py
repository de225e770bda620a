"""What people type about a note, a call or a file, before the service checks it."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.enums import CallDirection, NoteKind
from members.models import Note
from ui import times


class NoteForm(forms.Form):
    """The composer of the card: one form for the three kinds."""

    kind = forms.ChoiceField(choices=NoteKind.choices, initial=NoteKind.NOTE)
    text = forms.CharField(
        label=_("내용"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2, "maxlength": 2000})
    )
    direction = forms.ChoiceField(label=_("통화"), choices=CallDirection.choices, required=False)
    day = forms.DateField(label=_("날짜"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    clock = forms.TimeField(label=_("시각"), required=False, widget=forms.TimeInput(attrs={"type": "time"}))
    file = forms.FileField(label=_("파일"), required=False)
    private = forms.BooleanField(label=_("나만 보기"), required=False)
    pinned = forms.BooleanField(label=_("맨 위에 두기"), required=False)
    key = forms.CharField(max_length=64, required=False)

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("kind") == NoteKind.FILE and not data.get("file"):
            self.add_error("file", _("올릴 파일을 골라 주세요."))
        if data.get("kind") == NoteKind.NOTE and not data.get("text", "").strip() and "text" not in self.errors:
            self.add_error("text", _("메모를 적어 주세요."))
        return data

    def at(self) -> datetime | None:
        """When the call was; None where nobody said: now."""
        day, clock = self.cleaned_data.get("day"), self.cleaned_data.get("clock")
        if day is None and clock is None:
            return None
        return datetime.combine(day or times.today(), clock or time(12), tzinfo=times.SEOUL)


class NoteChangeForm(forms.Form):
    """The words of a note that is there, and of a call which way and when."""

    text = forms.CharField(
        label=_("내용"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4, "maxlength": 2000})
    )
    direction = forms.ChoiceField(label=_("통화"), choices=CallDirection.choices, required=False)
    day = forms.DateField(label=_("날짜"), widget=forms.DateInput(attrs={"type": "date"}))
    clock = forms.TimeField(label=_("시각"), widget=forms.TimeInput(attrs={"type": "time"}))
    private = forms.BooleanField(label=_("나만 보기"), required=False)

    def __init__(self, *args: Any, note: Note, **kwargs: Any) -> None:
        at = note.at.astimezone(times.SEOUL)
        kwargs["initial"] = {
            "text": note.text, "direction": note.direction, "private": note.is_private, "day": at.date(),
            "clock": time(at.hour, at.minute),
        }  # fmt: skip
        # The composer of the card stands behind the dialog, with fields of the same names.
        super().__init__(*args, **kwargs | {"auto_id": "edit_%s"})
        if note.kind != NoteKind.CALL:
            for name in ("direction", "day", "clock"):
                del self.fields[name]

    def at(self) -> datetime | None:
        """When the call was; None where that is not changed: the seconds are not in the form."""
        if not {"day", "clock"} & set(self.changed_data):
            return None
        return datetime.combine(self.cleaned_data["day"], self.cleaned_data["clock"], tzinfo=times.SEOUL)
