"""조건그룹: the language in which a tenant says whom it means, and how it is asked of the database.

A rule is JSON: `{"all": […]}`, `{"any": […]}` or `{"not": …}`, nested to three levels, of at most twenty conditions
`{"field": "expires_on", "op": "within_next", "value": 7}`. `catalog` knows what can be asked of a tenant's members,
`reading` turns JSON into a Rule or says what is wrong with it and where, `sentences` says a rule in Korean. Whoever is
in a segment is asked anew each time; days are Seoul's. Apps to the right add questions with `register_fact`.
"""

from members.segments.catalog import register_fact
from members.segments.questions import Ask, BadValue, Op, Question, Takes
from members.segments.reading import (
    CONDITIONS_MOST,
    LEVELS_MOST,
    Catalog,
    Read,
    Rule,
    broken_by,
    parse,
    read,
    rows,
    to_q,
    users_of,
    using,
    with_other,
)
from members.segments.sentences import phrase, words

__all__ = [
    "CONDITIONS_MOST",
    "LEVELS_MOST",
    "Ask",
    "BadValue",
    "Catalog",
    "Op",
    "Question",
    "Read",
    "Rule",
    "Takes",
    "broken_by",
    "parse",
    "phrase",
    "read",
    "register_fact",
    "rows",
    "to_q",
    "users_of",
    "using",
    "with_other",
    "words",
]
