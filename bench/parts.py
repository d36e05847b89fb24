"""Rows of parts as Markdown: goals, totals, kinds, the worst, and every part; sizes and speeds beside NumPy's.

Speed is weighted by time: the sum of NumPy's times over the sum of the other's, so that what takes long counts
for more. Size is the geometric mean of quotients, so that every file counts alike.
"""

import statistics

from .report import seconds
from .row import OURS

#: The columns of the tables of kinds and parts: sizes, then speeds, each of a row.
SIZES = {"corpus": "size", "corpus-fast": "level 1", "corpus-best": "level 9"}
SPEEDS = {
    "corpus": "speed",
    "corpus-2": "2 cores",
    "corpus-fast": "level 1",
    "corpus-best": "level 9",
    "corpus-inflate-ours-2": "load ours",
    "corpus-inflate-numpys-2": "load NumPy's",
}

#: So many of the worst are shown.
WORST = 10


def markdown(rows, machine_text):
    """All rows in which there is something to compare, and what they say of those parts that all of them have."""
    rows = {row["name"]: row for row in rows if {OURS, "numpy"} <= set(row["contenders"])}
    if not rows:
        return f"{machine_text}\n\nNothing to compare: savez or NumPy is left out.\n"
    loads = [row["load_average"] for row in rows.values()]
    every = [{part["name"]: part for part in row["parts"]} for row in rows.values()]
    parts = {name: part for name, part in every[0].items() if all(name in others for others in every)}
    sections = [
        machine_text,
        f"Load average while they were taken: {min(loads):.1f} to {max(loads):.1f}; above 2 others kept the machine "
        f"busy. Taken at {', '.join(sorted({row['commit'] for row in rows.values()}))}.",
        f"{len(parts)} arrays, {sum(part['amount'] for part in parts.values()) / 1e6:.0f} MB, a file each. All figures "
        "are quotients to NumPy's, `np.savez_compressed` and `np.load`: size of what is stored, smaller is better; "
        "speed, larger is better. Over several arrays, speed is the sum of NumPy's times over the sum of the other's, "
        "size the geometric mean. zlib and the others after it compress the same bytes into a file without a "
        "container and without CRC; those that read have the stream in memory.",
        *_goals(rows.values()),
        *(_totals(row) for row in rows.values()),
        "## By kind\n\n" + _table(rows, parts, _by_kind(parts)),
        *_worst(rows, parts),
        "## Every array\n\n" + _table(rows, parts, {name: [name] for name in parts}),
    ]
    return "\n\n".join(sections) + "\n"


def speed(row, contender, names):
    """How many times as fast as NumPy somebody is over these parts."""
    contenders = row["contenders"]
    theirs, others = contenders["numpy"]["parts"], contenders[contender]["parts"]
    return sum(theirs[name] for name in names) / sum(others[name] for name in names)


def sizes(row, contender, names):
    """How many times as large as NumPy's somebody's files are, each of these parts."""
    contenders = row["contenders"]
    theirs, others = contenders["numpy"]["members"], contenders[contender]["members"]
    return {name: others[name] / theirs[name] for name in names}


def size(row, contender, names):
    """The same over all of them, in the geometric mean."""
    return statistics.geometric_mean(sizes(row, contender, names).values())


def _goals(rows):
    judged = [(row, row["goal"]) for row in rows if row["goal"] is not None]
    if not judged:
        return
    yield "## Goals\n\n" + _markdown_table(
        ("work", "goal", "have", ""),
        [
            (
                f"{row['title']} ({row['conditions']})",
                goal["words"],
                goal["have"],
                "reached" if goal["reached"] else "missed",
            )
            for row, goal in judged
        ],
    )


def _totals(row):
    """Everybody who did a row: over all, over what is real, and over what is made."""
    real = [part["name"] for part in row["parts"] if part["kind"] != "made"]
    made = [part["name"] for part in row["parts"] if part["kind"] == "made"]
    groups = [names for names in (real + made, real, made) if names]
    heads = [head for head, names in (("all", True), ("real", real), ("made", made)) if names]
    saves = row["contenders"]["numpy"]["members"] is not None
    lines = []
    for name, figure in sorted(row["contenders"].items(), key=lambda item: item[1]["median"]):
        cells = [name, seconds(figure["median"]), *(f"{speed(row, name, names):.2f} ×" for names in groups)]
        if saves:
            cells += [f"{size(row, name, names):.3f}" for names in groups]
            cells.append(f"{max(sizes(row, name, groups[0]).values()):.2f}")
        lines.append(cells)
    columns = ["", "time", *(f"speed, {head}" for head in heads)]
    if saves:
        columns += [*(f"size, {head}" for head in heads), "largest"]
    left_out = [f"{name} is left out: {why}." for name, why in row["left_out"].items()]
    return "\n\n".join(
        (f"## {row['title']} ({row['conditions']})", _markdown_table(columns, lines), *left_out)
    )


def _by_kind(parts):
    kinds = {}
    for name, part in parts.items():
        kinds.setdefault(part["kind"], []).append(name)
    return kinds


def _table(rows, parts, groups):
    """Ours beside NumPy's, a line for each group of parts."""
    heads = ("", "arrays", "bytes") if len(groups) < len(parts) else ("", "what", "bytes")
    with_sizes = [name for name in SIZES if name in rows]
    with_speeds = [name for name in SPEEDS if name in rows]
    lines = []
    for group, names in groups.items():
        what = len(names) if len(groups) < len(parts) else f"{parts[group]['kind']}, {parts[group]['about']}"
        cells = [group, what, f"{sum(parts[name]['amount'] for name in names):,}"]
        cells += [f"{size(rows[row], OURS, names):.3f}" for row in with_sizes]
        cells += [f"{speed(rows[row], OURS, names):.2f} ×" for row in with_speeds]
        lines.append(cells)
    columns = (*heads, *(SIZES[row] for row in with_sizes), *(SPEEDS[row] for row in with_speeds))
    return _markdown_table(columns, lines)


def _worst(rows, parts):
    """The parts that are the largest and the slowest beside NumPy's."""
    yield "## The largest and the slowest"
    for row in (rows[name] for name in SIZES if name in rows):
        larger = sizes(row, OURS, parts)
        worst = sorted(parts, key=larger.get, reverse=True)[:WORST]
        yield f"Size, {row['title']}: " + ", ".join(f"{name} {larger[name]:.3f}" for name in worst) + "."
    for row in (rows[name] for name in SPEEDS if name in rows):
        faster = {name: speed(row, OURS, [name]) for name in parts}
        worst = sorted(parts, key=faster.get)[:WORST]
        words = ", ".join(f"{name} {faster[name]:.2f} ×" for name in worst)
        yield f"Speed, {row['title']} ({row['conditions']}): {words}."


def _markdown_table(heads, lines):
    rows = [heads, ["---"] * len(heads), *lines]
    return "\n".join(f"| {' | '.join(str(cell) for cell in cells)} |" for cells in rows)
