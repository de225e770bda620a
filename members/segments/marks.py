"""What members carry, asked of one index: of those in a group, whoever has a word in an own column (decision 0018).

Each by itself, PostgreSQL finds a hundred thousand and looks at every one of them; `members_marks` holds groups, tags
and words side by side, and its index gives those who have all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Func

GROUPS, TAGS, WORDS = "groups", "tags", "words"
ANY, ALL, NONE = "any", "all", "none"
_KINDS = {GROUPS: "bigint[]", TAGS: "bigint[]", WORDS: "text[]"}
_SIGNS = {ANY: "k.{} && %s::{}", ALL: "k.{} @> %s::{}", NONE: "NOT k.{} && %s::{}"}


@dataclass(frozen=True)
class Mark:
    """Carries any, all or none of these; `values` are ids, or words as `word` writes them."""

    column: str
    way: str
    values: tuple[Any, ...]

    @property
    def finds(self) -> bool:
        """Whether the index can be entered by it."""
        return self.way != NONE


class Carries(Func):
    """Whether a member carries all that is asked; never NULL, for each member has a row of marks."""

    output_field = BooleanField()

    def __init__(self, marks: Sequence[Mark], **extra: Any) -> None:
        super().__init__(F("pk"), **extra)
        self.marks = tuple(marks)

    def as_sql(self, compiler: Any, connection: Any, **_extra: Any) -> tuple[str, tuple[Any, ...]]:  # type: ignore[override]
        column, params = compiler.compile(self.source_expressions[0])
        asked = " AND ".join(_SIGNS[one.way].format(one.column, _KINDS[one.column]) for one in self.marks)
        sql = f"EXISTS (SELECT 1 FROM members_marks k WHERE k.member_id = {column} AND {asked})"
        return sql, (*params, *(list(one.values) for one in self.marks))


def word(tenant_id: int, key: str, text: str) -> str:
    """A word of an own column as `members_own_words` writes it, the tenant first."""
    return f"{tenant_id}:{key}\x1f{text}"


def worth_it(marks: Sequence[Mark]) -> bool:
    """Whether these, which all have to hold, are to be asked together: a word finds people and so does a group or a
    tag. Groups and tags alone are read from indexes of their own, words alone from the members' own."""
    found_by = {one.column for one in marks if one.finds}
    return connection.vendor == "postgresql" and WORDS in found_by and len(found_by) > 1
