"""Charts are drawn on the server, without style and script, from whatever numbers there are."""

import re

import pytest

from ui.charts import Label, Series, bars, donut, nice_max, spark, table

DAYS = [Label("11/21", "11월 21일 (토)"), Label("11/22", "11월 22일 (일)")]


@pytest.mark.parametrize(
    ("value", "top"),
    [(0, 4), (1, 4), (4, 4), (7, 8), (10, 10), (11, 20), (999, 1000), (15_300, 20_000), (10**6, 10**6)],
)
def test_nice_max_is_round_and_not_below(value, top):
    assert nice_max(value) == top
    assert nice_max(value) >= value


def test_bars_draw_a_rect_for_each_value_but_zero():
    svg = bars(DAYS, [Series("성공", "blue", [10, 0]), Series("실패", "red", [1, 2])])
    assert svg.count('class="bar tone-blue"') == 1
    assert svg.count('class="bar tone-red"') == 2


def test_bars_heights_keep_the_share_of_their_values():
    svg = bars(DAYS, [Series("성공", "blue", [1000, 500])], height=236)
    tall, low = (float(h) for h in re.findall(r'class="bar[^>]*height="([\d.]+)"', svg))
    assert tall == pytest.approx(200 - 1.5)
    assert low == pytest.approx(100 - 1.5)


def test_bars_without_any_value_still_draw_the_axis():
    svg = bars(DAYS, [Series("성공", "blue", [0, 0])])
    assert "bar tone" not in svg
    assert re.findall(r'text-anchor="end">([^<]*)<', svg) == ["4", "3", "2", "1", "0"]


def test_bars_escape_names():
    svg = bars([Label("<b>", "<script>")], [Series('"x', "blue", [1])], title="<i>")
    assert "<script>" not in svg
    assert "<b>" not in svg
    assert "&lt;i&gt;" in svg


@pytest.mark.parametrize(
    "drawn", [bars(DAYS, [Series("가", "blue", [1, 2])]), spark([1, 2]), donut([Series("가", "blue", [1])])]
)
def test_charts_carry_no_style_and_no_script(drawn):
    assert not re.search(r"style=|<script|<style|\son\w+=", drawn)


@pytest.mark.parametrize("values", [[], [5]])
def test_spark_of_too_few_values_is_empty(values):
    assert spark(values) == ""


def test_spark_of_equal_values_is_a_flat_line():
    points = re.search(r'class="line" points="([^"]*)"', spark([3, 3, 3]))[1]
    assert len({point.split(",")[1] for point in points.split()}) == 1


def test_donut_of_nothing_draws_the_empty_ring():
    svg = donut([Series("SMS", "blue", [0])])
    assert 'class="track"' in svg
    assert 'class="arc' not in svg


def test_donut_arcs_add_up_to_the_ring():
    svg = donut([Series("SMS", "blue", [75]), Series("LMS", "violet", [25])])
    arcs = [float(length) + 3 for length in re.findall(r'stroke-dasharray="([\d.]+) ', svg)]
    around = float(re.search(r'stroke-dasharray="[\d.]+ ([\d.]+)"', svg)[1])
    assert sum(arcs) == pytest.approx(around, abs=0.1)
    assert arcs[0] == pytest.approx(around * 0.75, abs=0.1)


def test_table_says_what_the_columns_show():
    html = table(DAYS, [Series("성공", "blue", [1000, 2]), Series("실패", "red", [0, 3])], "발송")
    assert re.findall(r"<t[hd][^>]*>([^<]+)<", html) == [
        "성공", "실패", DAYS[0].long, "1,000", "0", DAYS[1].long, "2", "3",
    ]  # fmt: skip
