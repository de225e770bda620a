"""The product's template tags and filters, loaded everywhere as builtins.

Small pieces: `icon` `mark` `badge` `tag` `avatar` `segmented` `progress` `copy_field` `sort_header` `chart`
Blocks:       `card` `note` `empty` `dialog` `help_block`
Lists:        `pager` (numbered) and `cursor_pager` (이전/다음)
Page frame:   `webfont` `tenant_slug` `turl` `balance_rows`
Filters:      `phone` `phone_ours` `phone_masked` `device` `comma` `man` `kdate` `kday` `ktime` `kdatetime` `kago`
              `ymd` `initial` `avatar_tone` `text_tone`
Every one of them is to be seen at `/ui/` when DEBUG is on.
"""

import zlib
from functools import lru_cache

from django import template
from django.conf import settings
from django.http import QueryDict
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, format_html_join, linebreaks
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from lucide.templatetags.lucide import lucide as _lucide

from ui import devices, numbers, phones, times

register = template.Library()

# Every state that a badge may show, by its stored value. A state that is not here is grey.
TONES = {
    "active": "green", "done": "green", "finished": "green", "delivered": "green", "accepted": "blue", "valid": "green",
    "sending": "blue", "preparing": "blue", "reading": "blue", "applying": "blue", "running": "blue", "live": "green",
    "scheduled": "violet", "awaiting_approval": "violet", "preview": "violet", "sandbox": "amber", "queued": "gray",
    "unknown": "amber", "held": "amber", "paused": "gray", "no_result": "amber", "expired": "gray", "reverted": "gray",
    "failed": "red", "rejected": "red", "invalid": "red", "blocked": "red", "cancelled": "gray", "excluded": "gray",
}  # fmt: skip
NOTE_ICONS = {"blue": "info", "green": "circle-check", "amber": "triangle-alert", "red": "circle-alert", "gray": "info"}


# --- Small pieces ------------------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def _icon(name, size, css):
    return mark_safe(
        _lucide(name, size=size, **{"class": f"icon {css}".strip(), "aria-hidden": "true", "stroke-width": "1.75"})
    )


@register.simple_tag
def icon(name, size=18, css=""):
    """{% icon "users" 18 %}: a Lucide icon inlined as SVG (names: lucide.dev), hidden from screen readers."""
    return _icon(str(name), int(size), str(css))


@register.inclusion_tag("components/mark.html")
def mark(size=28):
    """{% mark %} or {% mark 40 %}: the product's mark."""
    return {"size": size}


@register.simple_tag
def badge(label, value="", tone="", live=False):
    """{% badge "보내는 중" "sending" live=True %}: a state. The stored value gives the colour, or tone does."""
    tone = tone or TONES.get(str(value), "gray")
    css = " live" if live else ""
    return format_html('<span class="badge tone-{}{}"><span class="dot"></span>{}</span>', tone, css, label)


@register.simple_tag
def tag(label, tone="", icon_name=""):
    """{% tag "초등부" %}: a quiet label (a group, a kind of text); tone colours it."""
    picture = _icon(icon_name, 13, "") if icon_name else ""
    return format_html('<span class="tag {}">{}{}</span>', f"tone-{tone} toned" if tone else "", picture, label)


@register.simple_tag
def avatar(name, key=None, size=""):
    """{% avatar member.name member.pk %}: the first letter in a circle; size "sm" or "lg". The key fixes the colour."""
    tone = avatar_tone(key if key is not None else name)
    return format_html('<span class="avatar {} {}" aria-hidden="true">{}</span>', size, tone, initial(name))


@register.simple_tag
def segmented(name, choices, value="", label=""):
    """{% segmented "kind" choices value "종류" %}: radios as one control; choices are (value, label[, icon])."""
    options = []
    for choice in choices:
        picture = _icon(choice[2], 15, "") if len(choice) > 2 else ""
        checked = mark_safe(" checked") if str(choice[0]) == str(value) else ""
        options.append((name, choice[0], checked, picture, choice[1]))
    return format_html(
        '<div class="segmented" role="radiogroup" aria-label="{}">{}</div>',
        label,
        format_html_join("", '<label><input type="radio" name="{}" value="{}"{}>{}{}</label>', options),
    )


@register.simple_tag
def progress(value, top=100, label="", tone=""):
    """{% progress done total "보낸 문자" "green" %}: a bar with its share in words for screen readers."""
    return format_html(
        '<progress class="{}" value="{}" max="{}" aria-label="{}"></progress>',
        f"tone-{tone}" if tone else "",
        value or 0,
        top or 1,
        label or _("진행률"),
    )


@register.simple_tag
def copy_field(value, label="", secret=False):
    """{% copy_field key "API 키" %}: a value to copy with one press. secret=True for what is shown only once."""
    return format_html(
        '<div class="copy-field{}"><code>{}</code><button class="btn btn-sm" type="button" data-copy="{}" '
        'aria-label="{}">{}<span>{}</span></button></div>',
        " secret" if secret else "",
        value,
        value,
        _("%(label)s 복사") % {"label": label} if label else _("복사"),
        _icon("copy", 15, ""),
        _("복사"),
    )


@register.simple_tag
def chart(svg, table=""):
    """{% chart trend rows %}: the SVG of ui.charts.bars with its tooltip, and ui.charts.table for screen readers."""
    wrap = '<div class="chart-wrap" data-chart>{}<div class="tip" role="presentation"></div></div>{}'
    return format_html(wrap, svg, table)


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(context, label, key, sort="", css="", first="up"):
    """<tr>{% sort_header "이름" "name" sort %}</tr>: a <th> that sorts by ?sort=name / ?sort=-name, with aria-sort.

    Inside an hx-target wrapper the link swaps that; first="down" starts with the newest.
    """
    up, down = key, f"-{key}"
    turned = {up: down, down: up}.get(sort, down if first == "down" else up)
    state = "ascending" if sort == up else "descending" if sort == down else ""
    return {"request": context.get("request"), "label": label, "to": turned, "state": state, "css": css}


# --- Blocks ------------------------------------------------------------------------------------------------------


@register.simple_block_tag
def card(content, title="", hint="", css="", action_url="", action="", legend=(), id="", level=2):
    """{% card title="최근 발송" hint="오늘" action="모두" action_url=url %}<div class="card-body">…</div>{% endcard %}

    Put the inside in .card-body, .card-body.flush (lists) or nothing (tables). legend: [(name, tone)].
    """
    return render_to_string(
        "components/card.html",
        {
            "content": content, "title": title, "hint": hint, "css": css, "action_url": action_url,
            "action": action, "legend": legend, "id": id, "heading": mark_safe(f"h{int(level)}"),
        },
    )  # fmt: skip


@register.simple_block_tag
def note(content, tone="blue", title="", icon_name="", css=""):
    """{% note "amber" title="연습 모드예요" %}…{% endnote %}: blue, green, amber, red (announced) or gray."""
    return format_html(
        '<div class="note tone-{} {}"{}>{}<div class="grow">{}{}</div></div>',
        tone,
        css,
        mark_safe(' role="alert"') if tone == "red" else "",
        _icon(icon_name or NOTE_ICONS.get(tone, "info"), 17, ""),
        format_html("<b>{}</b>", title) if title else "",
        content,
    )


@register.simple_block_tag
def empty(content, title, icon_name="inbox"):
    """{% empty "아직 회원이 없어요" "users" %}<p>…</p><a class="btn">…</a>{% endempty %}: inside, what to do next."""
    return format_html('<div class="empty">{}<b>{}</b>{}</div>', _icon(icon_name, 40, ""), title, content)


@register.simple_block_tag
def dialog(content, id, title, size="", auto=False):
    """{% dialog "new-group" "그룹 만들기" %}…<div class="dialog-foot">buttons</div>{% enddialog %}

    Opened by <button data-dialog-open="new-group">, closed by data-dialog-close, Escape or a press outside.
    size "wide"; auto=True opens it at once (an answer of htmx that is a dialog).
    """
    return render_to_string(
        "components/dialog.html", {"content": content, "id": id, "title": title, "size": size, "auto": auto}
    )


@register.simple_block_tag(takes_context=True)
def help_block(context, content, key, title=""):
    """{% help_block "members.list" "명단은 이렇게 써요" %}…{% endhelp_block %}: shown while help is on and not closed.

    Reads help_on and help_hidden from the context; 닫기 posts the key to home:help-hide.
    """
    if not context.get("help_on") or key in (context.get("help_hidden") or ()):
        return ""
    rewritten = (context.get("help_texts") or {}).get(key)  # an operator's own words for this place
    if rewritten:
        title, content = rewritten[0] or title, linebreaks(rewritten[1], autoescape=True)
        content = mark_safe(content)  # linebreaks has escaped it
    inside = {"content": content, "key": key, "title": title, "slug": tenant_slug(context)}
    return render_to_string("components/help_block.html", inside, request=context.get("request"))


# --- Lists -------------------------------------------------------------------------------------------------------


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context, page, target="", unit=None, param="page", at_least=False):
    """{% pager page "#results" "명" %}: numbered pages of a Django Page; with target the links swap it by htmx.

    at_least=True shows "10,000+" where the count stops counting.
    """
    elided = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    # The outer two neighbours give way on a phone.
    numbers = [
        (n, isinstance(n, int) and abs(n - page.number) > 1 and n not in (1, page.paginator.num_pages)) for n in elided
    ]
    return {
        "request": context.get("request"), "page": page, "numbers": numbers, "target": target,
        "unit": _("건") if unit is None else unit, "param": param, "at_least": at_least,
        "gap": page.paginator.ELLIPSIS,
    }  # fmt: skip


@register.inclusion_tag("components/cursor_pager.html", takes_context=True)
def cursor_pager(context, previous="", following="", target="", summary="", param="cursor"):
    """{% cursor_pager before after "#results" "12,345명" %}: 이전/다음 of a keyset list; an empty cursor is the end.

    Both links set ?cursor=…; other parameters stay, ?page= goes.
    """
    return {
        "request": context.get("request"), "previous": previous, "following": following,
        "target": target, "summary": summary, "param": param,
    }  # fmt: skip


@register.simple_tag(takes_context=True)
def query_with(context, name, value):
    """{% query_with "page" 3 as url %}: this page's query with one parameter set, or dropped where value is empty."""
    request = context.get("request")
    query = request.GET.copy() if request else QueryDict(mutable=True)
    for gone in {"page", "cursor", name}:
        query.pop(gone, None)
    if value not in (None, ""):
        query[name] = str(value)
    return f"?{query.urlencode()}"


# --- Page frame --------------------------------------------------------------------------------------------------


@register.simple_tag
def webfont():
    """{% webfont %}: the font's stylesheet, or nothing where npm could not install it."""
    if not getattr(settings, "HAS_FONT", False):
        return ""
    return format_html(
        '<link rel="stylesheet" href="{}">', static("vendor/pretendard/pretendardvariable-dynamic-subset.css")
    )


@register.simple_tag(takes_context=True)
def tenant_slug(context):
    """{% tenant_slug as slug %}: the slug of the tenant whose page this is, or ''."""
    request = context.get("request")
    tenant = context.get("tenant") or getattr(request, "tenant", None)
    return getattr(tenant, "slug", "") or ""


@register.simple_tag(takes_context=True)
def turl(context, name, *args):
    """{% turl "messaging:dispatch-detail" dispatch.pk %}: the address of a page of this tenant."""
    return reverse(name, args=[tenant_slug(context), *args])


@register.simple_tag
def balance_rows(balance):
    """{% balance_rows shell.balance as rows %}: [("SMS", 120), …]; a count that is not known is None."""
    return [(kind, _part(balance, kind)) for kind in ("SMS", "LMS", "MMS")]


def _part(thing, name):
    if isinstance(thing, dict):
        return thing.get(name, thing.get(name.lower()))
    return getattr(thing, name, getattr(thing, name.lower(), None))


# --- Filters -----------------------------------------------------------------------------------------------------

register.filter("phone", phones.show_phone)
register.filter("phone_ours", phones.format_phone)  # the shop's own number: nothing to hide from a customer
register.filter("phone_masked", phones.mask_phone)
register.filter("device", devices.device)


def _filter(name, show):
    """A page must not fall over a value that is missing: an unknown variable arrives as '' and reads as a dash."""
    register.filter(name, lambda value: show(None if value == "" else value))


_filter("comma", numbers.comma)
_filter("man", numbers.compact)
_filter("kdate", times.kdate)
_filter("kday", times.kday)
_filter("ktime", times.ktime)
_filter("kdatetime", times.kdatetime)
_filter("kago", times.kago)
_filter("ymd", times.ymd)


@register.filter
def initial(name):
    """김하늘 -> 김: what an avatar shows."""
    return str(name or "?").strip()[:1] or "?"


@register.filter
def avatar_tone(key):
    """A number or a name -> av-0 … av-5, always the same for the same key."""
    number = key if isinstance(key, int) else zlib.crc32(str(key).encode())
    return f"av-{number % 6}"


@register.filter
def text_tone(kind):
    """SMS, LMS, MMS -> the tone that stands for it everywhere."""
    return {"SMS": "blue", "LMS": "violet", "MMS": "amber"}.get(str(kind), "gray")
