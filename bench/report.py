"""What was measured, as a table for the terminal, as Markdown, and as plain data for JSON."""

import dataclasses
import math
import statistics

from . import figures
from .row import OURS, OURS_RUST


def evaluated(row, topic, outcome):
    """A row with its samples, and what follows from them: plain data."""
    samples, sizes = outcome["samples"], outcome["sizes"]
    contenders = {}
    for name, columns in samples.items():
        # What the machine can do is the measure of all, though a Rust program finds it out.
        is_crate = row.contender(name).is_rust and not name.startswith(FLOORS)
        ours = OURS_RUST if is_crate and OURS_RUST in samples else OURS
        contenders[name] = {
            **figures.summary(columns["seconds"]),
            "processor": statistics.median(columns["processor"]),
            "memory": max(columns["memory"]),
            "read": max(columns["read"]),
            "size": sizes.get(name),
            "members": outcome["members"].get(name),
            "ratio_to": ours,
            "ratio": figures.ratio(columns["seconds"], samples[ours]["seconds"]) if ours in samples else None,
            "parts": _parts(columns),
            "samples": {key: values for key, values in columns.items() if key != "parts"},
        }
    return {
        "name": row.name,
        "topic": topic,
        "title": row.title,
        "conditions": row.conditions,
        "amount": row.amount,
        "unit": row.unit,
        "parts": [dataclasses.asdict(part) for part in row.parts],
        "goal": _judged(row, contenders),
        "contenders": contenders,
        "left_out": outcome["left_out"],
    }


def _parts(columns):
    """The median of the seconds of each part; None of a row without parts."""
    if "parts" not in columns:
        return None
    rounds = columns["parts"]
    return {part: float(f"{statistics.median(taken[part] for taken in rounds):.4g}") for part in rounds[0]}


def _judged(row, contenders):
    """The goal in words, what we have of it, and whether that is enough; None if there is no goal."""
    goal, ours = row.goal, contenders.get(OURS)
    theirs = contenders.get(goal.against) if goal is not None else None
    if goal is None or ours is None or (goal.against and theirs is None):
        return None
    if goal.share_read:
        have = ours["read"] / theirs["read"]
        words, reached = f"{have:.1%}", have <= goal.share_read
    elif goal.seconds:
        have = ours["median"] / row.amount
        words, reached = f"{have * 1e6:.3g} µs", have <= goal.seconds
    else:
        have = theirs["ratio"]["median"]
        words, reached = f"{have:.2f} ×", have >= goal.at_least
        if row.cores == 1:
            words += f" ({theirs['processor'] / ours['processor']:.2f} × by processor time)"
    if goal.no_larger:
        larger = figures.geometric_mean_ratio(ours["members"], theirs["members"])
        words += f", members {larger:.3f} × as large"
        reached = reached and larger <= goal.no_larger
    if goal.none_larger:
        largest = max(ours["members"][part] / theirs["members"][part] for part in theirs["members"])
        words += f", one {largest:.3f} ×"
        reached = reached and largest <= goal.none_larger
    return {"words": str(goal), "have": words, "reached": reached}


def terminal(row):
    """A row's table, as text."""
    lines = [f"{row['title']}  ({row['conditions']})"]
    heads = ("median", "least", "spread", "", "time / ours", "processor", "memory", "file")
    lines.append(_line("", heads))
    for name, figure in _by_time(row):
        cells = (
            seconds(figure["median"]),
            seconds(figure["min"]),
            f"{figure['spread']:.0%}",
            _rate(row, figure),
            _ratio(name, figure),
            seconds(figure["processor"]),
            _bytes(figure["memory"]),
            _bytes(figure["size"]) if figure["size"] else "",
        )
        lines.append(_line(name, cells))
    for name, why in row["left_out"].items():
        lines.append(f"  {name:32}left out: {why}")
    if row["goal"] is not None:
        goal = row["goal"]
        verdict = "reached" if goal["reached"] else "missed"
        lines.append(f"  goal: {goal['words']}; {verdict}: {goal['have']}")
    return "\n".join(lines)


def _line(name, cells):
    widths = (10, 10, 8, 16, 22, 11, 10, 10)
    return f"  {name:32}" + "".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))


def markdown(rows, machine_text):
    """All rows as one table, ours beside NumPy and the fastest of the others."""
    loads = [row["load_average"] for row in rows]
    commits = sorted({row["commit"] for row in rows})
    lines = [
        machine_text,
        "",
        f"Load average while they were taken: {min(loads):.1f} to {max(loads):.1f}; above 2 others kept the "
        f"machine busy. Taken at {', '.join(commits)}.",
        "",
        "Times are medians; in brackets how many times longer it takes than ours, the median of the ratios of "
        "each round. CRC, checks and atomic replacement are in our times.",
        "",
        "| work | savez | NumPy | fastest other |",
        "|---|---|---|---|",
    ]
    for row in rows:
        contenders = row["contenders"]
        if OURS not in contenders:
            continue
        other = fastest_other(row)
        lines.append(
            f"| {row['title']} ({row['conditions']}) | {seconds(contenders[OURS]['median'])} "
            f"| {_cell(contenders.get('numpy'))} | {f'{other} {_cell(contenders[other])}' if other else '–'} |"
        )
    return "\n".join(lines) + "\n"


#: What is done ever more of, by the middle of the rows' names.
SCALES = {
    "memory-size": "save one array to memory (tmpfs), by bytes",
    "save-size": "save one array to a disk, by bytes",
    "load-size": "load one array, by bytes",
    "save-members": "save arrays of 64 bytes, by number",
    "load-members": "load arrays of 64 bytes, by number",
}


def series(rows):
    """Amounts and median times of each contender, for each of `SCALES`."""
    found = {}
    for row in rows:
        kind = "-".join(row["name"].split("-")[1:3])
        for name, figure in row["contenders"].items():
            found.setdefault(kind, {}).setdefault(name, []).append((row["amount"], figure["median"]))
    return found


def as_power(points):
    """How a time grows with the amount n, in a word."""
    growth = figures.growth(points)
    return "–" if math.isnan(growth) else f"n^{growth:.2f}"


def scaling(rows, machine_text):
    """The powers by which times grow, and all rows as `markdown` has them."""
    names = list(dict.fromkeys(name for row in rows for name in row["contenders"]))
    lines = [
        "",
        "How time grows with the amount n, over the last twelve doublings (least squares of the logarithms); n^1 is linear.",
        "The bare system calls, names and objects show what of it is the machine's.",
        "",
        f"| work | {' | '.join(names)} |",
        f"|---|{'---|' * len(names)}",
    ]
    for kind, contenders in series(rows).items():
        cells = (as_power(contenders[name]) if name in contenders else "–" for name in names)
        lines.append(f"| {SCALES[kind]} | {' | '.join(cells)} |")
    return markdown(rows, machine_text) + "\n".join(lines) + "\n"


#: The rows that the chart shows, and what it calls them.
HEADLINES = {
    "save-new": "save 256 MiB, a new file",
    "save-over": "save 256 MiB, over an old file",
    "save-object": "save 256 MiB, a file object",
    "load-one-core": "load 256 MiB, one core",
    "load-two-cores": "load 256 MiB, two cores",
    "many-save": "save 20,000 small arrays",
    "many-load": "load 20,000 small arrays",
    "many-last": "open, read the last of 20,000",
    "call-save-npz": "save one small array",
    "call-load-npz": "load one small array",
    "layout-strided": "save every second column",
    "compress": "compress, one core",
    "compress-2": "compress, two cores",
    "compress-fast": "compress, level 1, one core",
    "inflate-numpys-2": "inflate NumPy's file, two cores",
    "inflate-ours-2": "inflate our file, two cores",
    "part-compressed": "1 % of compressed rows",
    "part-stored": "1 % of stored rows",
    "savetxt": "savetxt",
    "loadtxt-18e": "loadtxt, %.18e",
    "loadtxt-6g": "loadtxt, %.6g, commas",
}

#: What the machine can do at best: no peers.
FLOORS = ("write(2)", "pread(2)", "memcpy", "open,", "a program", "fromfile", "names")


def fastest_other(row):
    """The fastest Python package beside NumPy and ours, by name; None if there is none."""
    others = (
        name
        for name, _ in _by_time(row)
        if name != "numpy" and not name.startswith(("savez", *FLOORS)) and "(Rust)" not in name
    )
    return next(others, None)


def _cell(figure):
    if figure is None:
        return "–"
    return f"{seconds(figure['median'])} ({figure['ratio']['median']:.2f} ×)"


def _by_time(row):
    return sorted(row["contenders"].items(), key=lambda item: item[1]["median"])


def _ratio(name, figure):
    ratio = figure["ratio"]
    if ratio is None or name == figure["ratio_to"]:
        return ""
    return f"{ratio['median']:.2f} ({ratio['low']:.2f}–{ratio['high']:.2f})"


def _rate(row, figure):
    if row["unit"] == "calls":
        return ""
    if row["unit"] == "B":
        return f"{row['amount'] / figure['median'] / 1e9:.3g} GB/s"
    return f"{figure['median'] / row['amount'] * 1e6:.3g} µs each"


def seconds(value):
    """A time in three digits."""
    for factor, unit in ((1, "s"), (1e3, "ms"), (1e6, "µs")):
        if value * factor >= 1:
            return f"{value * factor:.3g} {unit}"
    return f"{value * 1e6:.2g} µs"


def _bytes(value):
    for power, unit in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
        if value >= 1 << power:
            return f"{value / (1 << power):.3g} {unit}"
    return f"{value:.0f} B"
