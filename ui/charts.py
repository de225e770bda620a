"""Server-side SVG charts that need no inline style and no script.

The svg of `bars` has no viewBox: x positions are percentages and y positions are pixels, so a chart
stretches with its card while text and corners keep their shape. Colours come from CSS classes, which
makes dark mode and printing free. Put `bars` inside `<div class="chart-wrap" data-chart>…<div class="tip">`
(the `{% chart %}` tag does) and `app.js` shows the tooltip.
"""

from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from ui.numbers import compact

TOP, FOOT, MIN_BAR = 10, 26, 1.5


@dataclass(frozen=True)
class Series:
    """One colour of a chart: its name for readers, its tone (blue, green, red …), one value a column."""

    name: str
    tone: str
    values: list[int]


@dataclass(frozen=True)
class Label:
    """A column's name: `short` under the axis, `long` in the tooltip."""

    short: str
    long: str


def nice_max(value):
    """The round number at or above `value` that an axis should end with."""
    base = 10 ** max(len(str(max(int(value), 1))) - 1, 0)
    step = next(step for step in (1, 2, 2.5, 4, 5, 8, 10) if value <= step * base)
    # Four grid lines must fall on whole numbers, or the axis would show the same figure twice.
    return max(int(step * base), 4)


def bars(labels, series, height=240, title="", unit=None):
    """Stacked columns: `labels` are Labels, every Series has one value for each of them."""
    unit = _("건") if unit is None else unit
    plot = height - TOP - FOOT
    totals = [sum(s.values[i] for s in series) for i in range(len(labels))]
    peak = nice_max(max(totals, default=0))
    columns = [_column(i, labels, series, plot, peak, height, unit) for i in range(len(labels))]
    return format_html(
        '<svg class="chart" width="100%" height="{}" role="img" aria-label="{}">{}{}</svg>',
        height,
        title,
        _grid(plot, peak),
        mark_safe("".join(columns)),
    )


def _grid(plot, peak):
    lines = []
    for k in range(5):
        y = TOP + plot * k / 4
        lines.append(
            (" base" if k == 4 else "", round(y, 1), round(y, 1), round(y + 4, 1), compact(peak * (4 - k) // 4))
        )
    return format_html_join(
        "",
        '<line class="grid{}" x1="0" x2="100%" y1="{}" y2="{}"></line>'
        '<text class="axis" x="-10" y="{}" text-anchor="end">{}</text>',
        lines,
    )


def _column(i, labels, series, plot, peak, height, unit):
    step = 100 / len(labels)
    width = step * 0.52
    x, y, rects = i * step, TOP + plot, []
    for s in series:
        if not s.values[i]:
            continue
        tall = max(plot * s.values[i] / peak, MIN_BAR)
        y -= tall
        left = round(x + (step - width) / 2, 3)
        rects.append(
            (s.tone, left, round(y + 0.75, 2), round(width, 3), round(max(tall - 1.5, 1), 2), 3 if tall > 8 else 1)
        )
    return format_html(
        '<g class="col" data-tip-title="{}" data-tip="{}">'
        '<rect class="hit" x="{}%" y="{}" width="{}%" height="{}" rx="6"></rect>{}'
        '<text class="axis x{}" x="{}%" y="{}" text-anchor="middle">{}</text></g>',
        labels[i].long,
        " · ".join(f"{s.name} {s.values[i]:,}{unit}" for s in series),
        round(x, 3),
        TOP - 6,
        round(step, 3),
        plot + 6,
        format_html_join("", '<rect class="bar tone-{}" x="{}%" y="{}" width="{}%" height="{}" rx="{}"></rect>', rects),
        # On a phone every third name is enough, counted from the newest.
        "" if (len(labels) - 1 - i) % 3 == 0 else " minor",
        round(x + step / 2, 3),
        height - 6,
        labels[i].short,
    )


def table(labels, series, caption=""):
    """The same figures as a table for screen readers; hand it to {% chart %} beside the drawing."""
    heads = format_html_join("", '<th scope="col">{}</th>', ((s.name,) for s in series))
    rows = [
        (label.long, format_html_join("", "<td>{}</td>", ((f"{s.values[i]:,}",) for s in series)))
        for i, label in enumerate(labels)
    ]
    return format_html(
        '<table class="sr-only"><caption>{}</caption><thead><tr><td></td>{}</tr></thead><tbody>{}</tbody></table>',
        caption,
        heads,
        format_html_join("", '<tr><th scope="row">{}</th>{}</tr>', rows),
    )


def spark(values, height=36, tone="blue"):
    """A tiny area line. It stretches freely, so it may use a viewBox; fewer than two values draw nothing."""
    if len(values) < 2:
        return ""
    low, span = min(values), (max(values) - min(values)) or 1
    last = len(values) - 1
    points = [(100 * i / last, 4 + (height - 8) * (1 - (v - low) / span)) for i, v in enumerate(values)]
    line = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
    return format_html(
        '<svg class="spark tone-{}" viewBox="0 0 100 {}" width="100%" height="{}" preserveAspectRatio="none" '
        'aria-hidden="true"><polygon class="area" points="0,{} {} 100,{}"></polygon>'
        '<polyline class="line" points="{}" vector-effect="non-scaling-stroke"></polyline></svg>',
        tone,
        height,
        height,
        height,
        line,
        height,
        line,
    )


def donut(parts, size=132, width=16, centre="", caption=""):
    """Shares of a whole: each Series gives its first value. All zero draws the empty ring."""
    radius = (size - width) / 2
    around = 2 * 3.141592653589793 * radius
    total = sum(p.values[0] for p in parts)
    gap = 3 if sum(1 for p in parts if p.values[0]) > 1 else 0
    arcs, at = [], 0.0
    for p in parts:
        if not p.values[0]:
            continue
        length = around * p.values[0] / total
        shape = (round(max(length - gap, 0.5), 2), round(around, 2), round(-at, 2))
        arcs.append((p.tone, *shape, size / 2, size / 2, radius, width))
        at += length
    return format_html(
        '<svg class="donut" viewBox="0 0 {s} {s}" width="{s}" height="{s}" role="img" aria-label="{said}">'
        '<circle class="track" cx="{h}" cy="{h}" r="{r}" stroke-width="{w}"></circle>'
        '<g transform="rotate(-90 {h} {h})">{arcs}</g>'
        '<text class="donut-value" x="50%" y="{ty}" text-anchor="middle">{centre}</text>'
        '<text class="donut-cap" x="50%" y="{cy}" text-anchor="middle">{caption}</text></svg>',
        s=size,
        h=size / 2,
        r=radius,
        w=width,
        centre=centre,
        caption=caption,
        ty=size / 2 + 3,
        cy=size / 2 + 21,
        said=f"{caption}: " + ", ".join(f"{p.name} {p.values[0]:,}" for p in parts),
        arcs=format_html_join(
            "",
            '<circle class="arc tone-{}" stroke-dasharray="{} {}" stroke-dashoffset="{}" cx="{}" cy="{}" r="{}" '
            'stroke-width="{}"></circle>',
            arcs,
        ),
    )
