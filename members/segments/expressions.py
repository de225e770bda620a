"""Values of a member's own columns as SQL expressions, the same on both databases."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import BooleanField, CharField, F, FloatField, Func, Q
from django.db.models.functions import Lower

from members.search import pairs, with_tenant
from members.segments.marks import word

NUMBER_SHAPE = r"^-?[0-9]{1,15}([.][0-9]{1,9})?$"
DAY_SHAPE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
INDEXED_LONGEST = 60  # letters: members_own_words knows words that may be choices, not sentences


class Small(Lower):
    """Text in small Latin letters, as `members.search.lower` has it, whatever locale PostgreSQL was set up with."""

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template='LOWER((%(expressions)s) COLLATE "C")', **extra)


class OwnText(Func):
    """What stands under a key of Member.fields, "" for nothing: never NULL, so that it can be negated."""

    output_field = CharField()

    def __init__(self, key: str, **extra: Any) -> None:
        super().__init__(F("fields"), **extra)
        self.key = key

    def as_sql(self, compiler: Any, connection: Any, **_extra: Any) -> tuple[str, tuple[Any, ...]]:  # type: ignore[override]
        column, params = compiler.compile(self.source_expressions[0])
        if connection.vendor == "postgresql":
            return f"COALESCE({column} ->> %s, '')", (*params, self.key)
        # Not a JSON path: a key may hold whatever a person types.
        sql = f"COALESCE((SELECT CAST(j.value AS TEXT) FROM json_each({column}) j WHERE j.key = %s), '')"
        return sql, (*params, self.key)


class OwnNumber(OwnText):
    """The number there, NULL where it is none."""

    output_field: Any = FloatField()

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, tuple[Any, ...]]:  # type: ignore[override]
        text, params = super().as_sql(compiler, connection)
        if connection.vendor == "postgresql":
            sql = f"(CASE WHEN {text} ~ '{NUMBER_SHAPE}' THEN ({text})::double precision END)"
        else:
            sql = f"(CASE WHEN {text} REGEXP '{NUMBER_SHAPE}' THEN CAST({text} AS REAL) END)"
        return sql, (*params, *params)


class OwnDay(OwnText):
    """The day there as 2026-11-28, NULL where it is none: such texts are compared as they stand."""

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, tuple[Any, ...]]:  # type: ignore[override]
        text, params = super().as_sql(compiler, connection)
        sign, collate = ("~", ' COLLATE "C"') if connection.vendor == "postgresql" else ("REGEXP", "")
        return f"(CASE WHEN {text} {sign} '{DAY_SHAPE}' THEN {text} END){collate}", (*params, *params)


class OwnIs(OwnText):
    """Whether exactly one of these texts stands under a key. PostgreSQL has an index for it (members_own), whose
    entries begin with the tenant, and finds those who have several such words by itself. `found`: whether people are
    looked for by it; who has none of the words is no entry of the index, and the words need not be gathered."""

    output_field: Any = BooleanField()

    def __init__(self, key: str, texts: Sequence[str], tenant_id: int, *, found: bool = True, **extra: Any) -> None:
        super().__init__(key, **extra)
        self.texts, self.tenant_id, self.found = tuple(texts), tenant_id, found

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, tuple[Any, ...]]:  # type: ignore[override]
        if connection.vendor != "postgresql" or not (self.found and indexed(self.texts)):
            sql, params = super().as_sql(compiler, connection)
            return f"{sql} IN ({', '.join(['%s'] * len(self.texts))})", (*params, *self.texts)
        column, _none = compiler.compile(self.source_expressions[0])
        tenant = column.replace('"fields"', '"tenant_id"')
        words = [word(self.tenant_id, self.key, text) for text in self.texts]
        return f"members_own_words({tenant}, {column}) && %s::text[]", (words,)


def indexed(texts: Sequence[str]) -> bool:
    """Whether the index of words knows all of these."""
    return all(0 < len(text) <= INDEXED_LONGEST for text in texts)


class Compared(Func):
    """`left sign right` as a condition; false where the left is NULL."""

    output_field = BooleanField()

    def __init__(self, left: Any, sign: str, right: Any, **extra: Any) -> None:
        super().__init__(left, **extra)
        assert sign in {"=", "<=", ">="}
        self.sign, self.right = sign, right

    def as_sql(self, compiler: Any, connection: Any, **_extra: Any) -> tuple[str, tuple[Any, ...]]:  # type: ignore[override]
        sql, params = compiler.compile(self.source_expressions[0])
        return f"COALESCE({sql} {self.sign} %s, FALSE)", (*params, self.right)


def with_tokens(tenant_id: int, text: str, names: bool) -> Q:
    """What the search index knows of members whose name (or memo) holds the text: it finds the few among a million."""
    words = [text] if names else text.split()
    tokens = [pair for word in words for pair in pairs(word)]
    if connection.vendor != "postgresql" or not tokens:
        return Q()
    return Q(tokens__has_tokens=with_tenant(tenant_id, tuple(dict.fromkeys(tokens))))
