"""The strict CSP is cheap only while nothing inline creeps into a template, and themes while colours are tokens."""

import re
from pathlib import Path
from zipfile import ZipFile

import lucide
import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))
INLINE = re.compile(r"""\sstyle=|<style|\son[a-z]+\s*=\s*["']|javascript:|hx-on|js:|<script(?![^>]*\ssrc=)""")
RAW_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b(?![-\w])|\b(?:rgba?|hsla?|oklch|lab|lch|hwb)\(")


def named(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_template_has_nothing_inline(path):
    text = re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", path.read_text(), flags=re.S)
    assert INLINE.search(text) is None


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_template_compiles(path):
    get_template(str(path.relative_to(ROOT / "templates")))


def test_every_icon_that_a_template_names_exists():
    with ZipFile(Path(lucide.__file__).parent / "lucide.zip") as wheel:
        known = {name.removesuffix(".svg") for name in wheel.namelist()}
    named_icons = {
        (icon, named(path))
        for path in TEMPLATES
        for icon in re.findall(r'icon(?:_name=| )"([\w-]+)"', path.read_text())
    }
    assert {(icon, path) for icon, path in named_icons if icon not in known} == set()


@pytest.mark.parametrize("path", [p for p in SHEETS if p.name != "tokens.css"], ids=named)
def test_only_tokens_use_raw_colours(path):
    assert RAW_COLOUR.findall(re.sub(r"url\([^)]*\)|/\*.*?\*/", "", path.read_text(), flags=re.S)) == []


def test_inline_pattern_catches_what_it_is_for():
    for bad in (
        '<p style="a">',
        "<a onclick='x'>",
        "<script>1</script>",
        '<a hx-on:click="x">',
        '<a href="javascript:x">',
    ):
        assert INLINE.search(bad)
    for good in ('<script src="/a.js" defer></script>', '<p data-style="x">', '<a data-once="x">'):
        assert not INLINE.search(good)


def test_tokens_pair_light_and_dark():
    sheet = (ROOT / "static/css/tokens.css").read_text()
    for name in (
        "canvas",
        "surface",
        "line",
        "text",
        "text-2",
        "text-3",
        "brand",
        "brand-soft",
        "green-text",
        "red-text",
    ):
        assert re.search(rf"--{name}: light-dark\(", sheet), name


@pytest.mark.parametrize("code", ["400", "403", "404", "405", "429", "500"])
def test_error_page_needs_no_request_and_no_context(code):
    html = render_to_string(f"{code}.html", {"request_id": "abc123"})
    assert html.count("<h1>") == 1
    assert "abc123" in html
    assert "요" in re.search(r'class="sub">([^<]*)<', html)[1]


def test_error_page_without_a_request_id_says_nothing_of_it():
    assert 'class="request"' not in render_to_string("500.html")


# --- Forms ---------------------------------------------------------------------------------------------------------


class Sample(forms.Form):
    name = forms.CharField(label="이름", help_text="실명")
    memo = forms.CharField(label="메모", required=False)
    kinds = forms.MultipleChoiceField(label="동의", choices=[("ad", "광고")], widget=forms.CheckboxSelectMultiple)
    agreed = forms.BooleanField(label="동의했어요")
    key = forms.CharField(widget=forms.HiddenInput, initial="k1")


def test_field_ties_help_and_error_to_its_input():
    html = str(Sample({})["name"].as_field_group())
    described = re.search(r'<input[^>]*aria-describedby="([^"]*)"', html)[1].split()
    assert 'aria-invalid="true"' in html
    assert set(described) == set(re.findall(r'id="(id_name_\w+)"', html)) == {"id_name_helptext", "id_name_error"}


def test_field_names_what_is_optional():
    assert "선택" in str(Sample()["memo"].as_field_group())
    assert "선택" not in str(Sample()["name"].as_field_group())


def test_form_renders_every_field_once_hidden_ones_too():
    html = str(Sample())
    for name in ("name", "memo", "kinds", "agreed", "key"):
        assert html.count(f'name="{name}"') == 1


def test_form_escapes_what_was_typed():
    html = str(Sample({"name": '"><script>alert(1)</script>'}))
    assert "<script>" not in html


# --- Tags ----------------------------------------------------------------------------------------------------------


def draw(source, path="/", **context):
    return Template(source).render(Context({"request": RequestFactory().get(path), **context}))


def test_tags_escape_names():
    evil = "<img src=x>"
    for source in ("{% badge n %}", "{% tag n %}", "{% avatar n %}", "{% note n %}{{ n }}{% endnote %}",
                   "{% card title=n %}{{ n }}{% endcard %}", "{% empty n %}{{ n }}{% endempty %}",
                   "{% dialog 'a' n %}{{ n }}{% enddialog %}", "{% copy_field n n %}",
                   "{% progress 1 2 n %}"):  # fmt: skip
        assert "<img" not in draw(source, n=evil), source


def test_card_keeps_what_is_inside():
    html = draw('{% card title="최근" %}<p class="card-body">안</p>{% endcard %}')
    assert "<h2>최근</h2>" in html
    assert '<p class="card-body">안</p>' in html


@pytest.mark.parametrize(
    ("on", "hidden", "seen"), [(True, (), True), (False, (), False), (True, {"members.list"}, False)]
)
def test_help_block_shows_only_while_help_is_on_and_not_closed(on, hidden, seen):
    html = draw("{% help_block 'members.list' %}도움{% endhelp_block %}", help_on=on, help_hidden=hidden)
    assert ("도움" in html) is seen


def test_filters_show_a_dash_for_what_is_missing():
    assert draw("{{ no|comma }}{{ no|man }}{{ no|kdate }}{{ no|ktime }}{{ no|kago }}{{ no|ymd }}") == "–" * 6


def test_avatar_tone_is_the_same_for_the_same_key():
    assert draw("{{ 'a'|avatar_tone }}") == draw("{{ 'a'|avatar_tone }}")
    assert draw("{{ 8|avatar_tone }}") == "av-2"


@pytest.mark.parametrize(
    ("stored", "shown"),
    [("01012345678", "010-1234-5678 010-12••-5678"), ("15880000", "1588-0000 15••-0000"), (None, " ")],
)
def test_phone_filters_print_what_is_stored(stored, shown):
    assert draw("{{ n|phone }} {{ n|phone_masked }}", n=stored) == shown


def test_pager_keeps_the_other_parameters():
    from django.core.paginator import Paginator

    html = draw("{% pager page '#results' '명' %}", "/?search=김&page=2", page=Paginator(range(100), 10).get_page(2))
    assert 'href="?search=%EA%B9%80&amp;page=3"' in html
    assert 'hx-target="#results"' in html
    assert "100명 중 11–20" in html
    assert 'aria-current="page">2<' in html


def test_pager_of_one_page_has_no_links():
    from django.core.paginator import Paginator

    assert "<a" not in draw("{% pager page %}", page=Paginator([1], 10).get_page(1))


def test_cursor_pager_drops_the_page_and_turns_off_the_ends():
    html = draw("{% cursor_pager '' 'c9' %}", "/?page=3&sort=name")
    assert 'href="?sort=name&amp;cursor=c9"' in html
    assert html.count("<a") == 1


def test_sort_header_turns_round():
    up = draw("{% sort_header '이름' 'name' 'name' %}", "/?page=4")
    down = draw("{% sort_header '이름' 'name' '-name' %}")
    assert 'aria-sort="ascending"' in up
    assert 'href="?sort=-name"' in up
    assert 'aria-sort="descending"' in down
    assert 'href="?sort=name"' in down
