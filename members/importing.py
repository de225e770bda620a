"""From rows to records: clean each column, find the mistakes. No database; what becomes of them is `import_plan`.

Column by column with caches, because 100,000 rows pass here while someone watches a progress bar.
"""

import datetime
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import repeat
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from members import births, cells, dates, fields, phone
from members import columns as at
from members import contact_columns as others
from members.enums import FieldKind
from members.fields import Spec
from members.repairs import Repairs

NO_REPAIRS = Repairs()
NO_FIELDS: Mapping[str, fields.Spec] = {}
NAME_MAX = 40


class RowError(NamedTuple):
    """One cell nobody could repair; `row` is the line in the file, from 1, `place` that of its column, from 0."""

    row: int
    column: str
    value: str
    code: str
    place: int


class More(NamedTuple):
    """What most files say nothing of: `contacts` as (role, phone, name), a stage, how they heard of the shop, tags."""

    contacts: tuple[tuple[str, str, str], ...] = ()
    stage: str = ""
    source: str = ""
    tags: tuple[str, ...] = ()


NOTHING_MORE = More()


class Record(NamedTuple):
    """One person as the file has it; None or empty: the file says nothing. `fields` are by key, `birthday` is how
    `birthdays.spell` says what `birth_date` alone does not."""

    row: int
    name: str
    phone: str
    birth_date: datetime.date | None
    memo: str
    groups: tuple[str, ...]
    fields: dict[str, str] | None
    ad: bool | None
    night: bool | None
    birthday: str = ""
    more: More = NOTHING_MORE


class Cleaned(NamedTuple):
    """`fresh`: key → name of the custom fields that the records have and the tenant has not yet; `keys`: column → key
    of the custom field that it fills."""

    records: list[Record]
    errors: list[RowError]
    fresh: Mapping[str, str] = {}
    keys: Mapping[int, str] = {}


def clean(
    rows: Sequence[Sequence],
    *,
    first_row: int,
    titles: Sequence[str],
    mapping: Mapping[int, str],
    today: datetime.date,
    answers: Repairs = NO_REPAIRS,
    own: Mapping[str, fields.Spec] = NO_FIELDS,
    taken: Iterable[str] = (),
) -> Cleaned:
    """Records of all rows without a mistake, and the mistakes of the others; blank rows are neither.

    `own`: every name of the tenant's custom fields → what it is; `taken`: keys that no new field can have. Of the
    `answers` the orders and `no_births` count here; the cells are in the rows by now (`repairs.mend`).
    """
    body = rows[first_row:]
    sheet = _Columns(body, titles, mapping, first_row, today, answers)
    names, more = sheet.names(), sheet.more()
    phones = sheet.phones()
    born, birthday = sheet.births()
    memos = sheet.each(at.MEMO, cells.memo, "")
    groups = sheet.each(at.GROUP, cells.groups, ())
    ads, nights = sheet.consents()
    sheet.own, sheet.taken = own, {*taken, *(spec.key for spec in own.values())}
    values = sheet.fields()
    lines = range(first_row + 1, first_row + 1 + len(body))
    records = list(
        map(
            Record._make,
            zip(lines, names, phones, born, memos, groups, values, ads, nights, birthday, more, strict=True),
        )
    )
    bad = sheet.bad_lines | sheet.blank_lines()
    if bad:
        records = [record for record in records if record[0] not in bad]
    errors = sorted(error for error in set(sheet.errors) if error[0] not in sheet.blanks)
    return Cleaned(records, errors, sheet.fresh, {index: spec.key for index, spec in sheet.meant.items()})


class _Columns:
    """The rows of a sheet seen as columns; collects the mistakes on the way."""

    def __init__(self, body, titles, mapping, first_row, today, answers):
        self.body, self.titles, self.mapping, self.today, self.answers = body, titles, mapping, today, answers
        self.offset = first_row + 1
        self.errors: list[RowError] = []
        self.bad_lines: set[int] = set()
        self.blanks: set[int] = set()
        self.kept: dict[int, dict[int, str]] = {}  # position → column → what is kept under the title of that
        self.contacts: list[tuple[tuple[str, str, str], ...]] = []
        self.own: Mapping[str, fields.Spec] = NO_FIELDS
        self.taken: set[str] = set()
        self.fresh: dict[str, str] = {}
        self.meant: dict[int, Spec] = {}  # column → the custom field that it fills, each its own

    def find(self, target: str) -> int | None:
        return next((index for index, mapped in self.mapping.items() if mapped == target), None)

    def cells(self, index: int) -> list:
        return [row[index] for row in self.body]

    def fail(self, position: int, index: int, value: object, code: str) -> None:
        line = self.offset + position
        self.errors.append(RowError(line, self.titles[index] or _letter(index), _shown(value), code, index))
        self.bad_lines.add(line)

    def each(self, target: str, read, nothing=None) -> list:
        """The column of a target, each different value read once; `read` returns a value or raises Unreadable."""
        index = self.find(target)
        if index is None:
            return [nothing] * len(self.body)
        return self._read_cells(index, read, nothing)

    def _read_cells(self, index: int, read, nothing) -> list:
        cache: dict = {"": nothing, None: nothing}
        values = []
        for position, cell in enumerate(self.cells(index)):
            # 1.0 and True are the same key; a cell that is either reads the same where it matters.
            value = cache.get(cell, cache)
            if value is cache:
                value = cache[cell] = _tried(read, cell)
            if type(value) is cells.Unreadable:
                self.fail(position, index, cell, value.code)
                value = nothing
            values.append(value)
        return values

    def consents(self) -> list[list[bool | None]]:
        """What each row says of ads, and of ads at night; a refusal beside it is the last word on both."""
        said = [self.each(at.AD, cells.consent), self.each(at.NIGHT, cells.consent)]
        for index in [index for index, mapped in self.mapping.items() if mapped == at.REFUSAL]:
            refused = self._read_cells(index, cells.refusal, None)
            said = [[no if no is False else yes for no, yes in zip(refused, one, strict=True)] for one in said]
        return said

    def names(self) -> list[str]:
        index = self.find(at.NAME)
        if index is None:
            return [""] * len(self.body)
        names = []
        normal = unicodedata.is_normalized
        for position, cell in enumerate(self.cells(index)):
            name = cell.strip() if type(cell) is str else cells.cell_text(cell)
            if not (name.isprintable() and normal("NFC", name) and "  " not in name):
                name = " ".join(cells.tidy(name).split())
            if name.startswith("'"):
                name = cells.undefused(name)
            if not name:
                self.fail(position, index, cell, "no_name")
            elif len(name) > NAME_MAX:
                self.fail(position, index, cell, "name_too_long")
            names.append(name)
        return names

    def phones(self) -> list[str]:
        first, second = self.find(at.PHONE), self.find(at.PHONE2)
        if first is None:
            first, second = second, None
        if first is None:
            first = next((index for role in others.ROLES if (index := self.find(role)) is not None), None)
        if first is None:
            return [""] * len(self.body)
        instead = self.cells(second) if second is not None else None
        parse, phones = phone.parse, []
        for position, cell in enumerate(self.cells(first)):
            try:
                digits = parse(cell)
            except phone.BadPhone as mistake:
                digits = self._instead(cell, instead[position]) if instead is not None else ""
                digits = digits or self._of_contact(position, cell)
                if not digits:
                    self.fail(position, first, cell, mistake.code)
            else:
                if second is not None and instead is not None and instead[position] not in ("", None):
                    digits = self._of_two(position, digits, first, second, instead[position])
            phones.append(digits)
        return phones

    def _instead(self, cell: object, other: object) -> str:
        """The other column's number where the first is empty, or is wrong and the other can be texted."""
        try:
            digits = phone.parse(other)
        except phone.BadPhone:
            return ""
        # A landline in place of a wrong mobile would hide that the mobile has to be corrected.
        return digits if cell in ("", None) or phone.is_mobile(digits) else ""

    def _of_contact(self, position: int, cell: object) -> str:
        """The mother's number where the member has none of their own, as children have none."""
        near = self.contacts[position] if self.contacts and not cells.cell_text(cell) else ()
        return near[0][1] if near else ""

    def more(self) -> Iterable[More]:
        """What hangs on the members of each row; costs nothing where no column says any of it."""
        self.contacts = self._contacts()
        if not self.contacts and not {at.STAGE, at.SOURCE, at.TAGS} & set(self.mapping.values()):
            return repeat(NOTHING_MORE, len(self.body))
        columns = (
            self.contacts or repeat((), len(self.body)),
            self.each(at.STAGE, cells.stage, ""),
            self.each(at.SOURCE, cells.source, ""),
            self.each(at.TAGS, cells.tags, ()),
        )
        return list(map(More._make, zip(*columns, strict=True)))

    def _contacts(self) -> list[tuple[tuple[str, str, str], ...]]:
        """(role, phone, name) of those beside each member; empty where there is no such column.

        A name without a number is kept under its title.
        """
        if not {*others.ROLES, *others.NAMES} & set(self.mapping.values()):
            return []
        found: list[tuple[tuple[str, str, str], ...]] = [()] * len(self.body)
        for role in others.ROLES:
            numbers = self.each(role, cells.number, "")
            named = self.find(others.NAME_OF[role])
            names = [""] * len(self.body) if named is None else self._read_cells(named, cells.person, "")
            for position, (number, name) in enumerate(zip(numbers, names, strict=True)):
                if number:
                    found[position] += ((role, number, name),)
                elif name and named is not None:
                    self._keep(position, named, name)
        return found if any(found) else []

    def _of_two(self, position: int, digits: str, first: int, second: int, other: object) -> str:
        """The first mobile of the two; the other is kept under its title, never thrown away."""
        try:
            second_digits = phone.parse(other)
        except phone.BadPhone:
            self._keep(position, second, cells.cell_text(other))
            return digits
        if second_digits == digits:
            return digits
        if phone.is_mobile(second_digits) and not phone.is_mobile(digits):
            self._keep(position, first, phone.format(digits))
            return second_digits
        self._keep(position, second, phone.format(second_digits))
        return digits

    def _keep(self, position: int, index: int, text: str) -> None:
        self.kept.setdefault(position, {})[index] = text[: cells.FIELD_MAX]

    def fields(self) -> list[dict[str, str] | None]:
        """Custom fields a row as a dict by key, None where the file has none; equal dicts are not shared."""
        found: list[dict[str, str] | None] = [None] * len(self.body)
        titled = {
            index: target[len(at.FIELD) :] for index, target in self.mapping.items() if target.startswith(at.FIELD)
        }
        self._give_fields(titled)
        for index, title in titled.items():
            key, read = self.meant[index].key, self._own_reader(index, title)
            for position, value in enumerate(self._read_cells(index, read, "") if read else ()):
                if not value:
                    continue
                held = found[position]
                if held is None:
                    found[position] = {key: value}
                else:
                    held[key] = value
        for position, kept in self.kept.items():
            found[position] = {self.meant[index].key: text for index, text in kept.items()} | (found[position] or {})
        return found

    def _own_reader(self, index: int, title: str):
        """What reads the cells of a custom column; None for one of files."""
        spec = self.meant[index]
        if spec.kind == FieldKind.TEXT:
            return self.day_reader(index) if dates.names_a_day(title) else cells.field
        return fields.reader(spec) if spec.kind != FieldKind.FILE else None

    def _give_fields(self, titled: Mapping[int, str]) -> None:
        """A field for each custom column and for each that something is kept of, no field for two: the later cell would
        replace the earlier. Who has a name exactly comes first, or the same sheet would fill other fields next time."""
        also = sorted({index for kept in self.kept.values() for index in kept})
        titles = {**titled, **{index: self.titles[index] or str(_("다른 전화번호")) for index in also}}
        known, given = dict(self.own), set[str]()
        for index in sorted(titles, key=lambda index: self._distance(titles[index])):
            spec = self.meant[index] = self._free_field(titles[index], known, given)
            known[spec.name] = spec
            given.add(spec.key)

    def _distance(self, title: str) -> int:
        """How far a title is from the name of its field: its name, another name of it, a new one, a changed one."""
        if spec := self.own.get(title):
            return 0 if spec.name == title else 1
        return 2 if fields.usable_name(title) == title else 3

    def _free_field(self, title: str, known: Mapping[str, Spec], given: Collection[str]) -> Spec:
        """The field that a title means, made if need be: 업체 is the "업체 2" of an earlier sheet, or the next number
        where a column of this one has that."""
        name, passed = title if title in self.own else fields.usable_name(title), []
        while (spec := known.get(name)) and spec.key in given:
            passed.append(name)
            name = fields.usable_name(title, passed)
        if spec is None:
            spec = Spec(fields.free_key(name, self.taken), name)
            self.fresh[spec.key] = name
            self.taken.add(spec.key)
        return spec

    def day_reader(self, index: int):
        """Reads a custom column of days: Excel's bare day number becomes the day where all numbers there are such."""
        all_days: list[bool] = []  # looked up once, and only for a column that has a likely number at all

        def read(cell: object) -> str:
            day = dates.day_of_number(cell)
            if day and not all_days:
                all_days.append(dates.holds_day_numbers(self.cells(index)))
            return day if day and all_days[0] else cells.field(cell)

        return read

    def births(self) -> tuple[list[datetime.date | None], list[str]]:
        """birth_date and birthday of each row, by what the cell, its column's title and the column 음력/양력 say."""
        read, index, beside = self.birth_reader(), self.find(at.BIRTH), self.find(at.CALENDAR)
        if index is None:
            return [None] * len(self.body), [""] * len(self.body)
        if beside is None:
            found = self._read_cells(index, read, births.NOTHING)
        else:
            found = self._read_with_calendar(index, beside, read)
        return [one[0] for one in found], [one[1] for one in found]

    def _read_with_calendar(self, index: int, beside: int, read) -> list:
        calendars = self._read_cells(beside, births.of_cell, None)
        found = []
        for position, (cell, said) in enumerate(zip(self.cells(index), calendars, strict=True)):
            value = births.NOTHING if cell in ("", None) else _tried(lambda cell, s=said: read(cell, s), cell)
            if type(value) is cells.Unreadable:
                self.fail(position, index, cell, value.code)
                value = births.NOTHING
            found.append(value)
        return found

    def birth_reader(self):
        """Reads a birthday; 900101 in any cell means that short numbers here are YYMMDD, not Excel's day numbers."""
        index = self.find(at.BIRTH)
        if index is None:
            return None
        numbers = [cell for cell in self.cells(index) if type(cell) is float]
        six_digits = any(100_000 <= number <= 999_999 for number in numbers)
        said = self.answers.orders.get(index, "")
        proven: list[str] = []  # the order of 03/04/05, looked up once, and only for a column that has one
        titled = births.of_title(self.titles[index])

        def read(cell: object, beside: births.Said | None = None) -> births.Columns:
            calendar = beside or titled
            try:
                return births.read(cell, self.today, calendar, six_digits=six_digits, order=said)
            except cells.Unreadable as mistake:
                if mistake.code != "date_order":
                    raise
            if not proven:
                proven.append("ymd" if dates.year_comes_first(self.cells(index), self.today) else "")
            return births.read(cell, self.today, calendar, order=proven[0])

        return _or_nothing(read) if self.answers.no_births else read

    def blank_lines(self) -> set[int]:
        """Rows with nothing in any column that is used: no people, and no mistakes either."""
        used = [index for index, target in self.mapping.items() if target != at.SKIP]
        for line in self.bad_lines:
            row = self.body[line - self.offset]
            if not any(cells.cell_text(row[index]) for index in used):
                self.blanks.add(line)
        return self.blanks


def _tried(read, cell: object) -> object:
    try:
        return read(cell)
    except cells.Unreadable as mistake:
        return mistake.with_traceback(None)


def _or_nothing(read):
    def quiet(*said: object) -> births.Columns:
        try:
            return read(*said)
        except cells.Unreadable:
            return births.NOTHING

    return quiet


def _letter(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _shown(value: object) -> str:
    return cells.cell_text(value)[:200]
