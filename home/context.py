"""What every page of the shell shows. Worked out only when a template asks, so fragments pay for nothing."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from accounts import selectors
from accounts.models import Staff
from accounts.permissions import Permission, allows, permissions_of
from accounts.scoping import tenant_url
from home.banners import banners
from messaging.models import AligoAccount
from messaging.selectors import forecasts, stops

TENANTS_SHOWN = 20
THEMES = ("light", "dark")


def shell(request: HttpRequest) -> dict[str, Any]:
    staff: Staff | None = getattr(request, "staff", None)
    theme = request.COOKIES.get("theme", "")
    context: dict[str, Any] = {
        "has_font": settings.HAS_FONT,
        "theme": theme if theme in THEMES else "system",
        "request_id": getattr(request, "id", ""),
        "facing": getattr(request, "facing", False),
        "help_on": False,
        "help_hidden": (),
        "dev_mail": mailbox_open(),
    }
    if staff is not None:
        context |= {
            "tenant": staff.tenant,
            "help_on": staff.shows_help,
            "help_hidden": staff.help_hidden,
            "help_texts": SimpleLazyObject(lambda: selectors.help_texts(get_language() or "ko")),
            "rights": permissions_of(staff),
            "shell": SimpleLazyObject(lambda: _shell(request, staff)),
        }
    return context


def mailbox_open() -> bool:
    """Whether mails go to files on a plain http site: somebody's own machine, never production."""
    return not settings.SECURE_SITE and settings.EMAIL_BACKEND.endswith("filebased.EmailBackend")


def _shell(request: HttpRequest, staff: Staff) -> dict[str, Any]:
    """Four queries: the person's tenants, the Aligo account with the balance last heard, what is planned, and what
    waits for a person.
    """
    tenant, waits = staff.tenant, stops.status(staff.tenant)
    account = AligoAccount.objects.filter(tenant=tenant).first()
    nav = _nav(request, staff)
    return {
        "tenant": tenant,
        "tenants": _tenants(staff),
        "tenants_url": _url(None, "home:tenants"),
        "nav": nav,
        "tabs": [item for item in nav if item["tab"]],
        "balance": _balance(account),
        "sandbox": account is None or not account.is_live,
        "practice_url": _url(staff, "messaging:practice") if allows(staff, Permission.MESSAGE_VIEW) else "",
        "days_left": tenant.days_left,
        "me": {
            "name": staff.user.get_short_name(),
            "role": staff.get_role_display(),
            "url": tenant_url(tenant, "accounts:me"),
        },
        "stopped": waits.stopped_at is not None,
        "undecided": waits.is_undecided and allows(staff, Permission.MESSAGE_VIEW),
        "banners": banners(staff, account, waits, _here(request)),
    }


def _tenants(staff: Staff) -> list[dict[str, Any]]:
    places = selectors.tenants_of(staff.user)[:TENANTS_SHOWN]
    return [
        {"name": p.tenant.name, "url": tenant_url(p.tenant, "home:today"), "current": p.tenant_id == staff.tenant_id}
        for p in places
    ]


# view name, label, short label for the tab bar, icon, right, namespaces and names that light it up, in the tab bar
_NAV = [
    ("home:today", gettext_noop("홈"), "", "house", None, ("home:",), True),
    ("members:member-list", gettext_noop("회원"), "", "users", Permission.MEMBER_VIEW, ("members:",), True),
    (
        "members:visit-list",
        gettext_noop("출석"),
        "",
        "calendar-check",
        Permission.MEMBER_VIEW,
        ("members:visit",),
        False,
    ),
    (
        "members:due-list",
        gettext_noop("회비"),
        "",
        "receipt",
        Permission.MEMBER_VIEW,
        ("members:due", "members:unpaid"),
        False,
    ),
    (
        "messaging:compose",
        gettext_noop("문자 보내기"),
        gettext_noop("보내기"),
        "send",
        Permission.MESSAGE_SEND,
        ("messaging:compose",),
        True,
    ),
    (
        "messaging:dispatch-list",
        gettext_noop("발송 내역"),
        gettext_noop("내역"),
        "history",
        Permission.MESSAGE_VIEW,
        ("messaging:dispatch", "messaging:practice", "messaging:undecided", "messaging:sending"),
        True,
    ),
    (
        "messaging:template-list",
        gettext_noop("문구"),
        "",
        "text-quote",
        Permission.MESSAGE_VIEW,
        ("messaging:template",),
        False,
    ),
    (
        "messaging:message-search",
        gettext_noop("보낸 문자 찾기"),
        "",
        "search",
        Permission.MESSAGE_VIEW,
        ("messaging:message",),
        False,
    ),
    (
        "messaging:optout-list",
        gettext_noop("수신거부"),
        "",
        "ban",
        Permission.SETTINGS_EDIT,
        ("messaging:optout",),
        False,
    ),
    (
        "accounts:basics",
        gettext_noop("설정"),
        "",
        "settings",
        None,
        (
            "accounts:",
            "messaging:aligo",
            "messaging:sender",
            "messaging:policy",
            "members:passtype",
            "members:kiosk",
            "members:preset",
            "members:field",
        ),
        False,
    ),
]


def _nav(request: HttpRequest, staff: Staff) -> list[dict[str, Any]]:
    here = _here(request)
    lit = max((light for item in _NAV for light in item[5] if here.startswith(light)), key=len, default=None)
    items = []
    for name, label, short, icon, right, lights, tab in _NAV:
        url = _url(staff, name)
        if not url or (right and not allows(staff, right)):
            continue
        items.append(
            {
                "url": url,
                "label": _(label),
                "short": _(short) if short else "",
                "icon": icon,
                "current": lit in lights,
                "tab": tab,
            }
        )
    return items


def _here(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""


def _url(staff: Staff | None, name: str) -> str:
    try:
        return tenant_url(staff.tenant, name) if staff else reverse(name)
    except NoReverseMatch:
        return ""


def _balance(account: AligoAccount | None) -> dict[str, Any] | None:
    if account is None:
        return None
    return {
        "SMS": account.sms_count,
        "LMS": account.lms_count,
        "MMS": account.mms_count,
        "checked_at": account.balance_at,
        "ahead": forecasts.ahead(account),
    }
