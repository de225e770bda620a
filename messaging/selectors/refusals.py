"""What the one-tap page shows: whose link a code is, and what its phone has refused."""

from collections.abc import Collection

from accounts.models import Tenant
from accounts.scoping import outside
from messaging.ads import CODE_LENGTH
from messaging.enums import OptOutScope
from messaging.models import OptOut, OptOutLink

# Crockford's rule for those who type a code: what looks like another letter is taken for it.
_MISREAD = str.maketrans("oil", "011")


def link(code: str) -> OptOutLink | None:
    """The link that a code names; rows of all tenants are searched because the code is the key."""
    plain = code.strip().lower().translate(_MISREAD)
    if len(plain) != CODE_LENGTH or not plain.isalnum() or not plain.isascii():
        return None
    with outside("the code is what names the tenant"):
        return OptOutLink.objects.select_related("tenant").filter(code=plain).first()


def refused(tenant: Tenant, phones: Collection[str]) -> set[str]:
    """Those of the phones that want no ads, or no texts at all."""
    rows = OptOut.objects.filter(tenant=tenant, phone__in=list(phones))
    return set(rows.values_list("phone", flat=True))


def refusal(tenant: Tenant, phone: str) -> OptOut | None:
    """The widest refusal of a phone: of all texts before of ads."""
    found = {row.scope: row for row in OptOut.objects.filter(tenant=tenant, phone=phone)}
    return found.get(OptOutScope.ALL) or found.get(OptOutScope.ADS)
