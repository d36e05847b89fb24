"""The arithmetic of the report, and a row run from beginning to end."""

import errno
import math
import os
import time

import pytest
from bench import cases, chart, figures, files, report
from bench.row import Contender, Goal, Row
from bench.runner import Runner


def test_median_least_and_spread():
    assert figures.summary([4.0, 1.0, 2.0, 3.0, 5.0]) == {"median": 3.0, "min": 1.0, "spread": 1 / 3}


def test_a_slow_round_slows_both_and_leaves_the_ratio():
    ours, theirs = [1.0, 10.0, 1.0], [2.0, 20.0, 2.0]
    assert figures.ratio(theirs, ours) == {"median": 2.0, "low": 2.0, "high": 2.0}


def test_who_left_early_is_compared_in_the_rounds_of_both():
    assert figures.ratio([8.0, 8.0], [1.0, 1.0, 4.0])["median"] == 8.0


def test_ratios_of_sizes_in_the_geometric_mean():
    assert figures.geometric_mean_ratio({"a": 2, "b": 8}, {"a": 1, "b": 1}) == pytest.approx(4)


@pytest.mark.parametrize("power", [0.5, 1, 2])
def test_growth_is_that_of_the_large_amounts(power):
    points = [(n, 7 * n**power) for n in (1 << 20, 1 << 24, 1 << 32)]
    assert figures.growth(points) == pytest.approx(power)
    assert figures.growth([(1, 1e9), (1 << 19, 1e9), *points]) == pytest.approx(power), "what a call costs"
    assert figures.growth([(1, 7.0), (1 << 20, 7.0), (1 << 30, 7.0)]) == pytest.approx(0)
    assert math.isnan(figures.growth(points[:1]))


def test_scaling_is_reported_as_powers():
    def row(amount, ours, numpys):
        contenders = {
            name: figures.summary([time]) | {"ratio": figures.ratio([time], [ours])}
            for name, time in {"savez": ours, "numpy": numpys}.items()
            if time
        }
        return {
            "name": f"scaling-load-size-{amount}",
            "amount": amount,
            "contenders": contenders,
            "title": f"load {amount} B",
            "conditions": "disk",
            "load_average": 1.0,
            "commit": "abc",
        }

    rows = [row(1024, 1.0, 2.0), row(4096, 4.0, 32.0), row(16384, 16.0, None)]
    assert "| load one array, by bytes | n^1.00 | n^2.00 |" in report.scaling(rows, "a machine")
    assert "| load 1024 B (disk) | 1 s | 2 s (2.00 ×) | – |" in report.scaling(rows, "a machine")
    drawn = chart.lines(rows, "title")
    assert (
        "savez (n^1.00)" in drawn and "numpy (n^2.00)" in drawn and "load one array, by bytes: time" in drawn
    )
    assert "numpy (–)" in chart.lines(rows[:1], "title"), "one amount does not tell"


def test_every_topic_has_rows_with_us_among_them():
    names = []
    for topic in (*cases.TOPICS, *cases.ON_REQUEST):
        for row in cases.rows(topic, quick=False):
            names.append(row.name)
            assert row.contender("savez").start is not None
            if row.goal is not None and row.goal.against:
                row.contender(row.goal.against)
    assert len(set(names)) == len(names)
    assert set(report.HEADLINES) <= set(names)


def test_a_row_runs_in_turn_and_comes_out_as_table_and_chart(tmp_path):
    row = next(row for row in cases.rows("layouts", quick=True) if row.name == "layout-strided")
    outcome = Runner(tmp_path, tmp_path, quick=True, peers=None).run("layouts", row)
    assert outcome["left_out"] == {}
    for columns in outcome["samples"].values():
        assert len(columns["seconds"]) == 3 and min(columns["seconds"]) > 0
    evaluated = report.evaluated(row, "layouts", outcome)
    assert evaluated["contenders"]["numpy"]["ratio"]["median"] > 0
    assert "1 MiB of float64 of every second column" in report.terminal(evaluated)
    assert "numpy" in chart.bars([evaluated], "title")
    taken = evaluated | {"commit": "abc", "load_average": 1.5}
    assert "| save 1 MiB of float64 of every" in report.markdown([taken], "a machine")
    assert not list(tmp_path.iterdir()), "the files are gone"


@pytest.mark.parametrize("act", ["save", "load"])
def test_a_row_for_one_at_a_time(tmp_path, act):
    listed = [row for row in cases.rows("scaling", quick=True) if row.alone and f"-{act}-" in row.name]
    outcome = Runner(tmp_path, tmp_path, quick=True, peers=None).run("scaling", listed[-1])
    assert {"savez", "numpy"} <= set(outcome["samples"])
    assert outcome["sizes"]["numpy"] > listed[-1].amount
    assert not list(tmp_path.iterdir()), "the files are gone"


def test_only_ones_own_files_are_in_the_cache(tmp_path):
    own, other = tmp_path / "own", tmp_path / "other"
    for path in (own, other):
        path.write_bytes(bytes(1 << 20))
    files.alone_in_cache(own, tmp_path)
    if not _is_cached(own):
        pytest.skip("this file system does not tell")
    assert _gets_alone(own, tmp_path, other)
    assert _gets_alone(other, tmp_path, own)
    assert _is_cached(other)
    assert _gets_alone(tmp_path / "none", tmp_path, other)


def _gets_alone(path, directory, other):
    """Once in some hundred times Linux leaves a page that was used just before; soon after it does not."""
    for _ in range(20):
        files.alone_in_cache(path, directory)
        if not _is_cached(other):
            return True
        time.sleep(0.01)
    return False


def _is_cached(path):
    """Whether the last bytes of a file can be had without waiting."""
    with open(path, "rb") as file:
        try:
            return os.preadv(file.fileno(), [bytearray(4096)], (1 << 20) - 4096, os.RWF_NOWAIT) > 0
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EOPNOTSUPP):
                raise
            return False


def test_a_contender_that_fails_is_left_out_with_its_words(tmp_path):
    row = next(row for row in cases.rows("calls", quick=True) if row.name == "call-load-npz")
    broken = Row(row.name, row.title, (Contender("nobody"),), amount=1)
    outcome = Runner(tmp_path, tmp_path, quick=True, peers=None).run("calls", broken)
    assert list(outcome["left_out"]) == ["nobody"] and outcome["samples"] == {}


def test_goals_are_judged():
    def times(seconds, read=0.0):
        return {key: [value] for key, value in zip(KEYS, (seconds, seconds, 0, read), strict=True)}

    def judged(goal, ours, theirs):
        contenders = (Contender("savez"), Contender("numpy"))
        row = Row("name", "title", contenders, amount=1, goal=goal)
        outcome = {"samples": {"savez": ours, "numpy": theirs}, "sizes": {}, "members": {}, "left_out": {}}
        return report.evaluated(row, "topic", outcome)["goal"]["reached"]

    assert judged(Goal("numpy", 2), times(1.0), times(2.0))
    assert not judged(Goal("numpy", 2), times(1.0), times(1.9))
    assert judged(Goal(seconds=1e-3), times(0.9e-3), times(1.0))
    assert not judged(Goal(seconds=1e-3), times(1.1e-3), times(1.0))
    assert judged(Goal("numpy", share_read=0.03), times(1.0, read=3.0), times(1.0, read=100.0))
    assert not judged(Goal("numpy", share_read=0.03), times(1.0, read=4.0), times(1.0, read=100.0))


KEYS = ("seconds", "processor", "memory", "read")
