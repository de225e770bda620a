"""The roster as a file."""

from django.utils import timezone

from accounts import exports
from accounts.models import Tenant
from members.models import Field
from members.selectors.exporting import export_columns, export_rows
from tests.factories import make_group, make_member


def test_export_rows_follow_their_columns(in_tenant: Tenant) -> None:
    Field.objects.create(tenant=in_tenant, name="반")
    make_member(in_tenant, "김민준", "01012345678", make_group(in_tenant, "초등부"), memo="메모", fields={"반": "3반"})

    titles = [str(column.title) for column in export_columns(in_tenant, {})]
    row = dict(zip(titles, next(iter(export_rows(in_tenant, {}))), strict=True))

    assert (row["이름"], row["휴대폰"], row["그룹"], row["메모"], row["반"]) == (
        "김민준", "01012345678", "초등부", "메모", "3반",
    )  # fmt: skip


def test_export_rows_keep_to_what_was_asked(in_tenant: Tenant, neighbour: Tenant) -> None:
    group = make_group(in_tenant)
    one = make_member(in_tenant, "김민준", "", group)
    make_member(in_tenant, "박서연")
    make_member(in_tenant, "김지운", deleted_at=timezone.now())
    stranger = make_member(neighbour, "김이웃")

    def names(**params: object) -> list[str]:
        return [row[0] for row in export_rows(in_tenant, params)]

    assert names() == ["김민준", "박서연"]
    assert names(search="김") == names(group=group.pk) == names(ids=[one.pk, stranger.pk]) == ["김민준"]


def test_export_of_many_costs_a_few_queries(in_tenant: Tenant, django_assert_max_num_queries: object) -> None:
    for _ in range(30):
        make_member(in_tenant, "김민준", "", make_group(in_tenant))

    with django_assert_max_num_queries(5):  # type: ignore[operator]
        assert len(list(export_rows(in_tenant, {}))) == 30


def test_members_are_offered_for_export() -> None:
    assert exports.title_of("members") == "회원 명단"
