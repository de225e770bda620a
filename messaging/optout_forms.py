"""What people type about refusals: one number, a list of them, a file, and why one is taken off."""

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members import phone as phones
from members import sheets
from messaging.enums import OptOutScope, OptOutSource
from messaging.forms import mobiles_in, people_in


@dataclass
class Listed:
    """What a file of refusals holds: the numbers, each once, and the lines without one: (line, what stands there).

    Of a book one sheet is read, as everywhere; `others` are those that hold something too.
    """

    phones: list[str] = field(default_factory=list)
    unread: list[tuple[int, str]] = field(default_factory=list)
    sheet: str = ""
    others: list[str] = field(default_factory=list)


class OptOutForm(forms.Form):
    phone = forms.CharField(label=_("번호"), max_length=30)
    scope = forms.ChoiceField(label=_("어떤 문자를 막을까요"), choices=OptOutScope, widget=forms.RadioSelect)

    phone.widget.attrs |= {"inputmode": "tel", "autocomplete": "off"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"scope": OptOutScope.ALL}} | kwargs)

    def clean_phone(self) -> str:
        try:
            return phones.parse(self.cleaned_data["phone"])
        except phones.BadPhone as problem:
            raise forms.ValidationError(str(problem)) from problem


class OptOutPasteForm(forms.Form):
    phones = forms.CharField(
        label=_("번호 목록"),
        widget=forms.Textarea(attrs={"rows": 5, "placeholder": "010-1234-5678\n010-2345-6789"}),
        help_text=_("한 줄에 하나씩 붙여 넣으세요. 이름이 같이 있어도 괜찮아요."),
    )
    scope = forms.ChoiceField(
        label=_("어떤 문자를 막을까요"),
        choices=OptOutScope,
        widget=forms.RadioSelect,
        initial=OptOutScope.ALL,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "id_paste_%s"} | kwargs)  # three forms stand on the page

    def clean_phones(self) -> list[str]:
        good, bad = [], []
        for number, _name in people_in(self.cleaned_data["phones"]):
            try:
                good.append(phones.parse(number))
            except phones.BadPhone:
                bad.append(number[:20])
        if bad:
            shown = ", ".join(bad[:5])
            raise forms.ValidationError(
                _("번호로 읽을 수 없는 줄이 {count}개 있어요: {shown}").format(count=len(bad), shown=shown)
            )
        return list(dict.fromkeys(good))


class OptOutFileForm(forms.Form):
    """A list from the 080 service or elsewhere; who calls a number in an ad refuses ads, not the news of a booking."""

    file = forms.FileField(
        label=_("파일"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv,.txt"}),
        help_text=_("엑셀이나 CSV, 텍스트 파일에서 휴대폰 번호를 모두 찾아 넣어요."),
        error_messages={
            "required": _("파일을 골라 주세요."),
            "empty": _("빈 파일이에요. 번호가 있는 파일을 골라 주세요."),
        },
    )
    source = forms.ChoiceField(
        label=_("어디서 받은 목록인가요"),
        choices=[(OptOutSource.HOTLINE, _("080 수신거부")), (OptOutSource.IMPORT, _("그 밖의 목록"))],
        initial=OptOutSource.HOTLINE,
        widget=forms.RadioSelect,
    )
    scope = forms.ChoiceField(
        label=_("어떤 문자를 막을까요"),
        choices=OptOutScope,
        initial=OptOutScope.ADS,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "id_file_%s"} | kwargs)

    def clean_file(self) -> Listed:
        try:
            book = sheets.read(self.cleaned_data["file"].read(sheets.MAX_BYTES + 1))
        except sheets.SheetProblem as problem:
            raise forms.ValidationError(str(problem)) from problem
        found = numbers_of(book.rows)
        found.sheet = book.sheets[book.sheet].name
        found.others = [one.name for n, one in enumerate(book.sheets) if one.rows and n != book.sheet]
        if not found.phones:
            raise forms.ValidationError(
                _("이 파일에서 휴대폰 번호를 찾지 못했어요. 번호가 있는 파일인지 확인해 주세요.")
            )
        return found


def numbers_of(rows: list[list[Any]]) -> Listed:
    """Every mobile of a sheet; a line without one is named, unless it is empty or the titles above the first number."""
    found: dict[str, None] = {}
    unread = []
    for line, row in enumerate(rows, 1):
        words = " ".join(str(cell).strip() for cell in row if cell not in (None, ""))
        if mobiles := mobiles_in(row):
            found |= dict.fromkeys(mobiles)
        elif words.strip() and (found or any(c.isdigit() for c in words)):
            unread.append((line, words[:40]))
    return Listed(list(found), unread)


class OptInForm(forms.Form):
    reason = forms.CharField(
        label=_("푸는 이유"),
        max_length=200,
        error_messages={"required": _("푸는 이유를 적어 주세요. 기록으로 남겨요.")},
        help_text=_("예: 7월 3일에 전화로 다시 받겠다고 하셨어요. 누가 왜 풀었는지 기록으로 남겨요."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
