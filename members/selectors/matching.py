"""A search as conditions on members: one set that the search index answers, one for walking a list."""

import re
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Replace
from django.db.models.lookups import Lookup

from members.models import Contact, Member
from members.search import Kind, Word, with_tenant
from members.segments.expressions import Small
from ui.hangul import CHOSUNG, chosung

_SYLLABLES = re.compile("[가-힣]+")
NEARLY_WHOLE, CONTACTS_MOST = 8, 200  # digits, and how many of them
_PER_INITIAL = 588  # syllables that begin with the same consonant


class HasTokens(Lookup):
    """`tokens` holds all of the words, by the search index (PostgreSQL)."""

    lookup_name = "has_tokens"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        # The words of the index in members/migrations, to the letter: else PostgreSQL would not use it.
        return f"string_to_array({column}, ' ') @> %s::text[]", (*params, self.rhs)


class ShowsToken(Lookup):
    """`tokens` holds the word, seen by reading it: what no index can be tempted to answer."""

    lookup_name = "shows_token"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        find = "strpos" if connection.vendor == "postgresql" else "instr"
        return f"{find}(' ' || {column} || ' ', %s) > 0", (*params, f" {self.rhs} ")


models.TextField.register_lookup(HasTokens)
models.TextField.register_lookup(ShowsToken)


def matching(rows: QuerySet[Member], tenant_id: int, words: list[Word], *, by_index: bool) -> QuerySet[Member]:
    """The rows that every word fits. `by_index=False` says the same without the search index, for walking a list."""
    rows = rows.alias(_name=Replace(Small("name"), Value(" "), Value("")), _memo=Small("memo"))
    tokens = list(dict.fromkeys(t for word in words for t in with_tenant(tenant_id, word.tokens)))
    if by_index and tokens:
        rows = rows.filter(tokens__has_tokens=tokens)
    elif tokens:
        rows = rows.filter(*[Q(tokens__shows_token=token) for token in tokens])
    for word in words:
        if not word.exact:
            rows = rows.filter(_recheck(tenant_id, word))
    return rows


def _recheck(tenant_id: int, word: Word) -> Q:
    """What tokens alone can't say: that the pairs stand side by side, and where a number begins or ends.

    Contacts are looked at only for rows that have the tokens; a number from its beginning has none, so those whose
    contact it is are found first, once it is typed nearly whole.
    """
    contacts = Contact.objects.filter(tenant_id=tenant_id, member=OuterRef("pk"))
    if word.kind == Kind.TEXT:
        folded = contacts.alias(_folded=Replace(Small("name"), Value(" "), Value("")))
        theirs = Exists(folded.filter(_folded__contains=word.text))
        return Q(_name__contains=word.text) | Q(_memo__contains=word.text) | Q(theirs)
    if word.kind == Kind.INITIALS:
        parts = [Q(_name__contains=part) for part in _SYLLABLES.findall(word.text)]
        return Q(*parts, name_cho__contains=chosung(word.text))
    if word.kind == Kind.INITIAL:
        first = 0xAC00 + CHOSUNG.index(word.text[0]) * _PER_INITIAL
        return Q(name__gte=chr(first), name__lt=chr(first + _PER_INITIAL))
    if word.kind == Kind.BEGINNING:
        beginning = {"phone__gte": word.text, "phone__lt": word.text[:-1] + chr(ord(word.text[-1]) + 1)}
        if len(word.text) < NEARLY_WHOLE:
            return Q(**beginning)
        rows = Contact.objects.filter(tenant_id=tenant_id, **beginning).values_list("member_id", flat=True)
        return Q(**beginning) | Q(pk__in=list(rows[:CONTACTS_MOST]))
    if not word.tokens:
        return Q(phone__endswith=word.text)
    return Q(phone__endswith=word.text) | Q(Exists(contacts.filter(phone__endswith=word.text)))
