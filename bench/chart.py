"""Charts as SVG, drawn by hand: bars for rows, lines for scaling. Legible on light and dark pages."""

import math
from html import escape

from .report import HEADLINES, SCALES, as_power, fastest_other, seconds, series
from .row import OURS

WIDTH = 860
LABELS = 230
BAR = 15
INK = "#808890"
COLOURS = {OURS: "#d9480f", "numpy": "#4c78a8", "safetensors": "#54a24b"}
OTHER = "#9aa5b1"


def bars(rows, title):
    """
    Speed relative to NumPy, a group of bars for each of the headlines: longer is faster.

    The axis is logarithmic.
    """
    by_name = {row["name"]: row for row in rows}
    groups = [
        (label, listed)
        for name, label in HEADLINES.items()
        if name in by_name and (listed := _speeds(by_name[name]))
    ]
    if not groups:
        return _page(0, "")
    speeds = [speed for _, listed in groups for _, _, speed in listed]
    low = min(0.5, *speeds)
    high = max(2.0, *speeds)
    scale = (WIDTH - LABELS - 190) / math.log(high / low)
    zero = LABELS + scale * math.log(1 / low)
    parts, y = [_text(10, 22, title, size=15, weight="bold")], 44
    for label, listed in groups:
        parts.append(_text(LABELS - 12, y + BAR * len(listed) / 2 + 4, label, anchor="end"))
        for name, time, speed in listed:
            x = LABELS + scale * math.log(speed / low)
            left, right = min(zero, x), max(zero, x)
            colour = COLOURS.get(name, OTHER)
            parts.append(
                f'<rect x="{left:.1f}" y="{y}" width="{max(right - left, 1.5):.1f}" height="{BAR - 3}" '
                f'rx="2" fill="{colour}"/>'
            )
            words = f"{name} {seconds(time)}" + ("" if name == "numpy" else f", {speed:.3g} ×")
            parts.append(_text(right + 6, y + BAR - 5, words, size=11))
            y += BAR
        y += 10
    parts.append(_line(zero, 36, zero, y - 6))
    return _page(y + 4, "".join(parts))


def _speeds(row):
    """Of ours, NumPy and the fastest other each name, time and speed."""
    contenders = row["contenders"]
    if OURS not in contenders or "numpy" not in contenders:
        return []
    other = fastest_other(row)
    speedup = contenders["numpy"]["ratio"]["median"]
    return [
        (name, contenders[name]["median"], speedup / contenders[name]["ratio"]["median"])
        for name in (OURS, "numpy", *([other] if other else []))
    ]


def lines(rows, title):
    """
    Median time against the amount of work, on logarithmic axes, a panel for each kind of work, with the powers by
    which it grows.

    Parameters
    ----------
    rows : list of dict
        Evaluated rows of the topic `scaling`.
    """
    parts = [_text(10, 22, title, size=15, weight="bold")]
    panels = series(rows)
    for number, (kind, contenders) in enumerate(panels.items()):
        x, y = 60 + number % 2 * 430, 60 + number // 2 * 300
        parts.append(_panel(x, y, 350, 210, kind, contenders))
    return _page(60 + (len(panels) + 1) // 2 * 300, "".join(parts))


def _panel(left, top, width, height, kind, contenders):
    xs = [x for points in contenders.values() for x, _ in points]
    ys = [y for points in contenders.values() for _, y in points]
    place_x = _axis(min(xs), max(xs), left, left + width)
    place_y = _axis(
        10 ** math.floor(math.log10(min(ys))), 10 ** math.ceil(math.log10(max(ys))), top + height, top
    )
    parts = [_text(left, top - 12, f"{SCALES[kind]}: time", weight="bold")]
    for power in range(math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys))) + 1):
        y = place_y(10.0**power)
        parts.append(_line(left, y, left + width, y, faint=True))
        parts.append(_text(left - 6, y + 4, seconds(10.0**power), size=10, anchor="end"))
    for x in sorted(set(xs)):
        parts.append(_text(place_x(x), top + height + 16, _amount(x, kind), size=9, anchor="middle"))
    for number, (name, points) in enumerate(contenders.items()):
        colour = COLOURS.get(name, OTHER)
        path = " ".join(f"{place_x(x):.1f},{place_y(y):.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for x, y in points:
            parts.append(f'<circle cx="{place_x(x):.1f}" cy="{place_y(y):.1f}" r="2.5" fill="{colour}"/>')
        words = f"{name} ({as_power(points)})"
        parts.append(_text(left + 10, top + 14 + 14 * number, words, size=11, fill=colour))
    return "".join(parts)


def _axis(low, high, start, end):
    span = math.log(high / low) or 1.0
    return lambda value: start + (end - start) * math.log(value / low) / span


def _amount(value, kind):
    if "members" in kind:
        return f"{value:,}" if value < 10_000 else f"{value // 1000:,}k"
    for power, unit in ((30, "Gi"), (20, "Mi"), (10, "Ki")):
        if value >= 1 << power:
            return f"{value >> power}{unit}"
    return str(value)


def _text(x, y, words, size=12, anchor="start", weight="normal", fill=INK):
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}" '
        f'fill="{fill}">{escape(words)}</text>'
    )


def _line(x1, y1, x2, y2, faint=False):
    opacity = 0.25 if faint else 0.8
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{INK}" '
        f'stroke-opacity="{opacity}"/>'
    )


def _page(height, body):
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="system-ui, sans-serif">{body}</svg>\n'
    )
