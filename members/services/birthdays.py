"""Birthdays as members store them, and the day on which each falls next."""

from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Tenant
from members import birthdays, import_words
from members.birthdays import BadBirthday, Birthday
from members.exceptions import InvalidMember
from members.models import Member
from ui import times

CHUNK = 5_000
_TWO_DAYS = _("생년월일과 생일이 서로 달라요. 하나만 보내거나 같은 날로 맞춰 주세요.")


def settled(given: dict[str, Any], held: Member | None = None) -> dict[str, Any]:
    """The columns birth_date, birthday and next_birthday for what was given of the first two; {} for neither.

    `birth_date` alone is a plain solar day; `birthday` (a Birthday or None) says all of it. Both may be given, as a
    program does that sends back what it got: then the one that differs from what is held counts.
    """
    if not {"birth_date", "birthday"} & set(given):
        return {}
    choices = [birthdays.of(given["birth_date"], "")] if "birth_date" in given else []
    choices += [given["birthday"]] if "birthday" in given else []
    if len(choices) == 2:
        choices = [_of_two(given["birth_date"], given["birthday"], held)]
    return columns(choices[0], said_as="birthday" if "birthday" in given else "birth_date")


def columns(birthday: Birthday | None, *, said_as: str = "birthday") -> dict[str, Any]:
    """What a member stores of a birthday. Raises InvalidMember for one that cannot be."""
    today = times.today()
    if birthday is not None:
        try:
            birthdays.checked(birthday, today)
        except BadBirthday as error:
            raise InvalidMember(fields={said_as: [import_words.problem(error.code)]}) from error
    born, spelled = birthdays.columns(birthday)
    return {"birth_date": born, "birthday": spelled, "next_birthday": birthdays.next_birthday(birthday, today)}


def _of_two(birth_date: date | None, birthday: Birthday | None, held: Member | None) -> Birthday | None:
    plain = birthdays.of(birth_date, "")
    if birthday is None or plain == birthday:
        return plain or birthday
    try:
        agrees = birth_date is None or birth_date == birthdays.birth_date(birthday)
    except ValueError:
        return birthday  # said what is wrong with it by `columns`
    if agrees:
        return birthday
    if held is not None and birthday == held.born:
        return plain
    if held is not None and birth_date == held.birth_date:
        return birthday
    raise InvalidMember(fields={"birthday": [str(_TWO_DAYS)]})


def roll_on(*, tenant: Tenant, today: date) -> int:
    """Daily: the next birthday of those whose last one is over; returns how many. Few have one on the same day."""
    count = 0
    over = Member.objects.filter(tenant=tenant, deleted_at=None, next_birthday__lt=today)
    while chunk := list(over.order_by("next_birthday", "id").values_list("pk", "birth_date", "birthday")[:CHUNK]):
        following = [(birthdays.next_birthday(birthdays.of(born, said), today), pk) for pk, born, said in chunk]
        following.sort(key=lambda one: (one[0] or date.max, one[1]))
        for day, same in groupby(following, key=itemgetter(0)):
            mine = Member.objects.filter(tenant=tenant, pk__in=[pk for _day, pk in same])
            mine.filter(next_birthday__lt=today).update(next_birthday=day)
        count += len(chunk)
    return count
