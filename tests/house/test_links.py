"""No page offers a link that the person's role may not follow: every page reachable from home, as every role."""

import re

import pytest

from accounts.enums import Role
from accounts.permissions import GRANTABLE
from tests import factories
from tests.conftest import sign_in

LINK = re.compile(r'(?:href|hx-get)="(/t/hanbit/[^"#]*)"')
MOST = 300


def walk(client):
    """Address -> (status, the page it was found on) of whatever can be reached by links alone."""
    waiting, found = [("/t/hanbit/", "")], {}
    while waiting and len(found) < MOST:
        url, source = waiting.pop()
        if url in found:
            continue
        response = client.get(url)
        found[url] = (response.status_code, source)
        if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
            links = set(LINK.findall(response.content.decode()))
            waiting += [(link.replace("&amp;", "&"), url) for link in links]
    return found


@pytest.mark.parametrize("started", [False, True], ids=["empty", "started"])
@pytest.mark.parametrize(
    ("role", "extra"), [*((role, ()) for role in Role), (Role.VIEWER, GRANTABLE)], ids=lambda value: str(value)[:7]
)
def test_no_page_links_to_what_the_role_may_not_open(in_tenant, role, extra, started):
    if started:
        factories.make_account(in_tenant)
        factories.make_sender(in_tenant)
        factories.make_member(in_tenant, "김민준", "01012345678", factories.make_group(in_tenant))

    found = walk(sign_in(factories.make_staff(in_tenant, role, extra_permissions=sorted(extra))))

    assert len(found) > 10
    assert {url: where for url, where in found.items() if where[0] not in {200, 302}} == {}
