"""How PostgreSQL goes about what is large: a segment's rule, which may look at a million rows, and many ids at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Lookup

# Never through the whole table, where neighbours' rows lie; with one worker beside the connection's own process (two
# on two cores took a tenth longer). Every other query of ours is short, and pays more for starting workers than they
# save: see `config.settings`.
_WIDE = {
    "enable_seqscan": "off",
    "max_parallel_workers_per_gather": "1",
    "parallel_setup_cost": "0",
    "parallel_tuple_cost": "0.01",
    "min_parallel_index_scan_size": "0",
    "min_parallel_table_scan_size": "0",
    # Pages are in memory: what is done with each row is what takes time, and what a second core helps with; telling
    # the system which page is wanted next is a call for nothing.
    "effective_io_concurrency": "0",
    "cursor_tuple_fraction": "1",  # what is read by a cursor is read to its end
    "cpu_tuple_cost": "0.1",
    "cpu_index_tuple_cost": "0.05",
    "cpu_operator_cost": "0.025",
}
# A hundred thousand rows looked up one by one take four times as long as one pass with a hash.
_MANY = {"enable_nestloop": "off"}


@contextmanager
def wide(*, many: bool = False) -> Iterator[None]:
    """Queries within may use both cores, and go by indexes only. `many`: thousands of rows are known to be found."""
    if connection.vendor != "postgresql":
        yield
        return
    settings = _WIDE | _MANY if many else _WIDE
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("; ".join(f"SET LOCAL {name} TO {value}" for name, value in settings.items()))
        yield
        with connection.cursor() as cursor:  # the transaction may be a caller's
            cursor.execute("; ".join(f"SET LOCAL {name} TO DEFAULT" for name in settings))


class AnyOf(Lookup):
    """The id is one of many, `pk__any_of=[…]`: as one array: an IN of 5,000 takes twice as long to plan."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        if connection.vendor == "postgresql":
            return f"{column} = ANY(%s)", (*params, list(self.rhs))
        return f"{column} IN ({', '.join(['%s'] * len(self.rhs)) or 'NULL'})", (*params, *self.rhs)


models.BigAutoField.register_lookup(AnyOf)
