"""Every string that people read has its English, and a page in English is English but for the tenant's own data."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.translation import trans_real

from accounts.models import Staff
from tests.conftest import sign_in
from tools import translations

HANGUL = re.compile(r"[가-힣]+")
# Our name, the switch back, merge fields as a text is written with them, what the law has written into an ad, and names
# of places on Aligo's site.
KOREAN_BY_RIGHT = re.compile(
    r"공지|한국어|\(광고\)|무료수신거부|#\{[^}]*\}( 님)?|연동형API|신청/인증|발송 서버 IP|발신번호 관리"
)
# On the buttons of the editor and in its help, one by one.
FIELDS = {"이름", "휴대폰", "생일", "업체", "미납", "만료일", "남은횟수", "님"}
OUTSIDE = ["/", "/terms/", "/privacy/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"]
INSIDE = [
    "", "members/", "members/add/", "members/trash/", "members/groups/", "members/imports/", "messages/",
    "messages/new/", "messages/search/", "messages/practice/", "messages/aligo/",
    "members/segments/", "members/segments/add/", "members/prospects/", "members/fields/", "members/tags/",
    "members/visits/", "members/dues/", "members/dues/unpaid/", "members/kiosks/", "members/likely/",
    "members/edits/", "members/numbers/", "messages/templates/",
    "messages/senders/", "messages/opt-outs/", "messages/policy/", "messages/sending/", "messages/undecided/",
    "settings/", "settings/me/", "settings/staff/", "settings/keys/", "settings/audit/", "settings/exports/",
]  # fmt: skip


@pytest.fixture
def compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalogue as it is in the .po file now, whatever .mo an earlier run has left."""
    place = tmp_path / "locale" / "en" / "LC_MESSAGES"
    place.mkdir(parents=True)
    with (place / "django.mo").open("wb") as file:
        write_mo(file, translations.load())
    shutil.copy(translations.PO, place)
    monkeypatch.setattr(settings, "LOCALE_PATHS", [str(tmp_path / "locale")])
    monkeypatch.setattr(trans_real, "_translations", {})


class Words(HTMLParser):
    """What a person reads or hears of a page: its text and the attributes that are shown or spoken."""

    SPOKEN = ("aria-label", "title", "placeholder", "alt", "data-confirm", "data-confirm-ok", "value")
    MUTE = ("script", "style")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.mute = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.mute += tag in self.MUTE
        self.words += [value or "" for name, value in attrs if name in self.SPOKEN or name.startswith("data-say")]

    def handle_endtag(self, tag: str) -> None:
        self.mute -= tag in self.MUTE

    def handle_data(self, data: str) -> None:
        if not self.mute:
            self.words.append(data.strip())


def korean(page: bytes, *data: str) -> list[str]:
    """The Korean words of a page that are neither the tenant's data (nor its first letter) nor Korean by right."""
    known = re.compile("|".join([KOREAN_BY_RIGHT.pattern, *map(re.escape, data)]))
    alone = FIELDS | {word[0] for word in data}
    left = [known.sub("", word) for word in Words(page.decode()).words if word not in alone]
    return [word for word in left if HANGUL.search(word)]


def english(client: Client) -> Client:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def test_every_string_has_english() -> None:
    assert translations.problems() == []


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ('<p>{% translate "안녕" %}</p>', [("안녕", None)]),
        (
            "{% blocktranslate trimmed with n=x %}\n  {{ n }}명이\n  와요.{% endblocktranslate %}",
            [("%(n)s명이 와요.", None)],
        ),
        ("{% blocktranslate count c=n %}글{% plural %}글들{% endblocktranslate %}", [(("글", "글들"), None)]),
        ('{% translate "내보내기" context "staff" %}', [("내보내기", "staff")]),
        ('    {% if a %}\n  {% card title=_("카드") %}{% endcard %}\n{% endif %}', [("카드", None)]),
        ('{{ x|default:_("없음") }}', [("없음", None)]),
        ('{% comment %}{% translate "아니" %}{% endcomment %}', []),
    ],
)
def test_of_template_finds_every_form(page: str, found: list[translations.Found]) -> None:
    assert translations.of_template(page) == found


@pytest.mark.parametrize(
    ("call", "found"),
    [
        ("gettext as _\n_('글')", [("글", None)]),
        ("gettext_lazy as say\nsay('앞' '뒤')", [("앞뒤", None)]),
        ("ngettext\nngettext('하나', '여럿', 2)", [(("하나", "여럿"), None)]),
        ("pgettext\npgettext('단위', '건')", [("건", "단위")]),
        ("gettext as _\n_(WORDS[x])", []),
        ("get_language as _\n_('글')", []),
    ],
)
def test_of_python_goes_by_the_imported_name(call: str, found: list[translations.Found]) -> None:
    assert translations.of_python(f"from django.utils.translation import {call}\n") == found


def test_of_python_refuses_a_string_put_together() -> None:
    with pytest.raises(SystemExit):
        translations.of_python("from django.utils.translation import gettext as _\n_(f'{x}명')\n")


@pytest.mark.usefixtures("compiled")
def test_english_counts_one_and_many_where_korean_does_not() -> None:
    with translation.override("en"):
        one = translation.ngettext("{count:,}명에게 보내기", "{count:,}명에게 보내기", 1)
        many = translation.ngettext("{count:,}명에게 보내기", "{count:,}명에게 보내기", 2)
    with translation.override("ko"):
        korean_one = translation.ngettext("{count:,}명에게 보내기", "{count:,}명에게 보내기", 1)

    assert (one, many) == ("Send to {count:,} person", "Send to {count:,} people")
    assert korean_one == "{count:,}명에게 보내기"


@pytest.mark.django_db
@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("path", OUTSIDE)
def test_page_in_english_outside(client: Client, path: str) -> None:
    response = english(client).get(path)

    assert response.status_code == 200
    assert response.headers["Content-Language"] == "en"
    assert korean(response.content) == []


@pytest.mark.django_db
def test_page_in_korean_by_default(client: Client) -> None:
    assert korean(client.get("/accounts/login/").content)


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("path", INSIDE)
def test_page_in_english_of_an_empty_tenant(owner: Staff, path: str) -> None:
    response = english(sign_in(owner)).get(f"/t/{owner.tenant.slug}/{path}")

    assert response.status_code == 200
    assert korean(response.content, owner.tenant.name, owner.user.name) == []
