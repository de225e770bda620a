"""Every address says who may come in."""

from accounts.enums import Scope
from accounts.permissions import Permission
from config.api_urls import __name__ as _api  # noqa: F401  (the API's routes must load)
from tests.house.urls import addresses

# Pages of others, which guard themselves: allauth (sign-in) and Django's admin (operators).
FOREIGN = ("accounts/", "admin/")
KNOWN = {*Permission, "staff", "signed_in", "public"}
# What a signed-out stranger may see. A new line here is a decision.
PUBLIC = {
    "home:landing", "home:terms", "home:privacy", "home:theme", "home:language", "home:mail",
    "home:healthz", "home:readyz", "home:metrics", "invitations:accept", "api-schema", "api-docs",
    "refusing:refuse", "refusing:refuse-slash", "kiosks:page", "kiosks:look", "kiosks:in",
}  # fmt: skip


def test_every_page_names_a_permission() -> None:
    pages = [a for a in addresses() if not a.route.startswith((*FOREIGN, "api/v1", "ui/"))]

    assert [a.full_name for a in pages if getattr(a.view, "permission", None) not in KNOWN] == []


def test_public_pages_are_the_listed_ones() -> None:
    public = {a.full_name for a in addresses() if getattr(a.view, "permission", None) == "public"}

    assert {p.split(":")[-1] for p in public} - {p.split(":")[-1] for p in PUBLIC} - {"ui-gallery", "gallery"} == set()


def test_every_api_action_names_a_scope() -> None:
    routes = [a for a in addresses() if a.route.startswith("api/v1")]
    wrong = []
    for address in routes:
        for action in getattr(address.view, "actions", {}).values():
            scope = getattr(address.view.cls, "scopes", {}).get(action)
            if scope not in set(Scope):
                wrong.append(f"{address.full_name}.{action}")

    assert routes
    assert wrong == []
