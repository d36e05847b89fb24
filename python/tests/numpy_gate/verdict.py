"""Judges what the plugin reported: a drop-in's session against NumPy's own."""

from __future__ import annotations

from collections import Counter
from typing import Any

Report = dict[str, Any]


def call_lines(report: Report) -> list[str]:
    """Return the calls per name as lines of text."""
    lines = [f"{'calls':34}{'by tests':>10}{'in all':>10}{'by NumPy':>10}"]
    for name, calls in report["calls"].items():
        note = "  NumPy's own" if name in report["reexported"] else ""
        lines.append(f"{name:34}{calls['direct']:>10}{calls['all']:>10}{calls['borrowed']:>10}{note}")
    return lines


def count_line(report: Report) -> str:
    """Return how many items had which outcome, as text."""
    counts = Counter(report["outcomes"].values())
    return ", ".join(f"{counts[outcome]} {outcome}" for outcome in sorted(counts, key=lambda o: (o != "passed", o)))


def lost(base: Report, report: Report) -> dict[str, str]:
    """Return the items that do worse than under NumPy itself, each with the reason.

    What passes must pass; what runs must not be skipped or be expected to fail. An item that NumPy itself fails says
    nothing, unless it is gone.
    """
    worse = {}
    for item, before in base["outcomes"].items():
        now = report["outcomes"].get(item, "not run")
        fine = now in ("passed", before) or (before, now) in (("xfailed", "xpassed"), ("failed", "xpassed"))
        if not fine and not (before == "failed" and now == "failed"):
            reason = report["failures"].get(item, "").partition("\n")[0]
            worse[item] = f"{before} -> {now}{': ' if reason else ''}{reason}"
    for item in report["outcomes"].keys() - base["outcomes"].keys():
        worse[item] = "not among NumPy's items"
    return worse
