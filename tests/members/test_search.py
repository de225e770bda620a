"""What a search means, and that both databases find the same people by it."""

import pytest

from accounts.models import Tenant
from members import selectors
from members.search import Kind, derive, parse
from tests.factories import make_group, make_member

PEOPLE = [
    ("김민준", "01012345678", "형제 등원"),
    ("김 민 수", "01099995678", ""),
    ("남궁민수", "01055557777", "VIP 손님"),
    ("박서연", "0237890123", "100%_할인"),
    ("John Smith", "01022223333", ""),
    ("강감찬", "", "미납"),
]


@pytest.fixture
def people(in_tenant: Tenant) -> Tenant:
    for name, phone, memo in PEOPLE:
        member = make_member(in_tenant, name, phone or "x", memo=memo)
        if not phone:
            member.phone, member.tokens = "", derive(in_tenant.pk, name, "", memo)[1]
            member.save()
    return in_tenant


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("민", ["김민준", "김 민 수", "남궁민수"]),
        ("민수", ["김 민 수", "남궁민수"]),
        ("김민수", ["김 민 수"]),
        ("궁민수", ["남궁민수"]),
        ("수민", []),
        ("ㄱㅁㅅ", ["김 민 수", "남궁민수"]),
        ("ㅁㅅ", ["김 민 수", "남궁민수"]),
        ("ㄱㅁㅈ", ["김민준"]),
        ("ㄴㄱㅁㅅ", ["남궁민수"]),
        ("ㄱ", ["김민준", "김 민 수", "강감찬"]),
        ("김ㅁ", ["김민준", "김 민 수"]),
        ("ㄳ", []),
        ("78", ["김민준", "김 민 수"]),
        ("5678", ["김민준", "김 민 수"]),
        ("45678", ["김민준"]),
        ("010-1234-5678", ["김민준"]),
        ("1234-5678", ["김민준"]),
        ("010 1234", ["김민준"]),
        ("02-378", ["박서연"]),
        ("8", ["김민준", "김 민 수"]),
        ("김.5678", ["김민준", "김 민 수"]),
        ("민준 5678", ["김민준"]),
        ("김 민수", ["김 민 수"]),
        ("등원", ["김민준"]),
        ("vip 손님", ["남궁민수"]),
        ("smi", ["John Smith"]),
        ("SMITH", ["John Smith"]),
        ("0%_할", ["박서연"]),
        ("%%", []),
        ("__", []),
        ("미납", ["강감찬"]),
        ("미납 민준", []),
        ("'; DROP TABLE", []),
    ],
)
def test_roster_search_finds(people: Tenant, query: str, names: list[str]) -> None:
    found = selectors.roster(people, search=query, ordering="id")

    assert [member.name for member in found.page().rows] == names
    assert found.total == len(names)
    assert {member.name for member in found.rows(by_index=False)} == set(names)  # walking says the same


@pytest.mark.parametrize("query", ["", "  ", ".", "-", " , "])
def test_roster_search_for_nothing_is_the_whole_list(people: Tenant, query: str) -> None:
    assert selectors.roster(people, search=query).total == len(PEOPLE)


def test_parse_keeps_words_few_and_short() -> None:
    assert len(parse("가나 " * 50)) == 5
    assert parse("9" * 500)[0].kind == Kind.ENDING


def test_derive_marks_every_token_with_the_tenant() -> None:
    _cho, tokens = derive(71, "김민준", "01012345678", "형제 등원")

    assert all(token.startswith("1z:") for token in tokens.split(" "))
    assert tokens.split(" ") != derive(72, "김민준", "01012345678", "형제 등원")[1].split(" ")


def test_roster_search_never_shows_a_neighbour(people: Tenant, neighbour: Tenant) -> None:
    make_member(neighbour, "김민준", "01012345678", memo="형제 등원")

    for query in ("민준", "김", "ㄱㅁㅈ", "ㄱ", "5678", "01012345678", "등원", ""):
        found = selectors.roster(people, search=query)
        assert {member.tenant_id for member in found.page().rows} == {people.pk}
        assert {row.tenant_id for row in found.rows(by_index=False)} == {people.pk}


@pytest.mark.parametrize("ordering", ["-id", "id", "name", "-name", "phone", "-phone"])
@pytest.mark.parametrize("search", ["", "민"])
@pytest.mark.parametrize("grouped", [False, True])
def test_roster_pages_there_and_back(in_tenant: Tenant, ordering: str, search: str, grouped: bool) -> None:
    group = make_group(in_tenant, "초등부")
    for n in range(11):
        make_member(in_tenant, f"민{'가나다'[n % 3]}", f"0105555{n % 4:04d}", group)
    roster = selectors.roster(in_tenant, search=search, ordering=ordering, group=group if grouped else None)
    whole = [row.pk for row in roster.page(size=50).rows]

    seen, cursor, pages = [], "", []
    while True:
        page = roster.page(cursor, size=4)
        seen += [row.pk for row in page.rows]
        pages.append(page)
        cursor = page.next
        if not cursor:
            break
    back = roster.page(pages[-1].previous, size=4)

    assert len(set(whole)) == 11
    assert seen == whole
    assert [row.pk for row in back.rows] == [row.pk for row in pages[-2].rows]
    assert roster.page(pages[1].previous, size=4).previous == ""


@pytest.mark.parametrize("ordering", ["-id", "name"])
def test_roster_with_too_many_hits_walks_newest_first(
    in_tenant: Tenant, monkeypatch: pytest.MonkeyPatch, ordering: str
) -> None:
    monkeypatch.setattr("members.selectors.rosters.EXACT_TO", 5)
    members = [make_member(in_tenant, "김민준" if n % 2 else "박서연") for n in range(20)]
    roster = selectors.roster(in_tenant, search="민준", ordering=ordering)

    first = roster.page(size=4)
    second = roster.page(first.next, size=4)

    expected = [m.pk for m in reversed(members) if m.name == "김민준"]
    assert [m.pk for m in first.rows + second.rows] == expected[:8]
    assert (roster.total, roster.is_minimum, roster.reordered) == (6, True, ordering != "-id")
    assert [m.pk for m in roster.page(second.previous, size=4).rows] == expected[:4]


def test_roster_walk_that_finds_too_few_asks_the_index(in_tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("members.selectors.rosters.EXACT_TO", 5)
    monkeypatch.setattr("members.selectors.rosters.WALK_MOST", 3)
    old = [make_member(in_tenant, "김민준") for _ in range(8)]
    for _ in range(10):
        make_member(in_tenant, "박서연")

    found = selectors.roster(in_tenant, search="민준").page(size=6).rows

    assert [m.pk for m in found] == [m.pk for m in reversed(old)][:6]


def test_roster_of_a_large_group_sorts_along_the_list(in_tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("members.selectors.rosters.EXACT_TO", 3)
    group = make_group(in_tenant, "초등부")
    for name in "다나가라":
        make_member(in_tenant, name, "", group)
        make_member(in_tenant, name)
    group.refresh_from_db()

    roster = selectors.roster(in_tenant, group=group, ordering="name")

    assert [m.name for m in roster.page(size=3).rows] == ["가", "나", "다"]
    assert [m.name for m in roster.page(roster.page(size=3).next, size=3).rows] == ["라"]


def test_roster_of_a_stranger_cursor_starts_anew(in_tenant: Tenant) -> None:
    make_member(in_tenant, "김민준")
    roster = selectors.roster(in_tenant)

    assert [m.name for m in roster.page("nonsense").rows] == ["김민준"]
    assert not roster.knows("nonsense")


def test_roster_leaves_the_trash_out(in_tenant: Tenant) -> None:
    from django.utils import timezone

    make_member(in_tenant, "김민준", deleted_at=timezone.now())

    assert selectors.roster(in_tenant, search="민준").total == 0
    assert selectors.roster(in_tenant).page().rows == []


@pytest.mark.parametrize("query", ["CAFÉ", "cafÉ", "CAFE\u0301"])
def test_roster_search_makes_only_latin_letters_small(in_tenant: Tenant, query: str) -> None:
    member = make_member(in_tenant, "김민준", memo="CAFÉ 단골")

    assert list(selectors.roster(in_tenant, search=query).rows()) == [member]
