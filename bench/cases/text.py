"""Numbers as text: `savetxt` and `loadtxt`, beside polars, which writes and reads CSV only."""

import numpy as np

from .. import data, files
from ..row import OURS, Contender, Goal, Row

COLUMNS = 10


def rows(quick):
    count = 1000 if quick else 100_000
    common = {"amount": count * COLUMNS, "unit": "numbers", "suffix": ".csv"}
    return [
        saving(count, common),
        loading("18e", "%.18e", " ", count, common),
        loading("6g", "%.6g", ",", count, common),
    ]


def table(count):
    return (data.numbers(count * COLUMNS, "f8") * 1000 - 300).reshape(count, COLUMNS)


def saving(count, common):
    def by(module):
        def start(place, path):
            save, array = __import__(module).savetxt, table(count)
            return lambda: save(path, array)

        return start

    def polars(place, path):
        import polars

        frame = polars.DataFrame(table(count), orient="row")
        return lambda: frame.write_csv(path, separator=" ", include_header=False)

    def check(place, path, result):
        assert np.array_equal(np.loadtxt(path), table(count))

    contenders = (
        Contender(OURS, by("savez"), needs="savez"),
        Contender("numpy", by("numpy")),
        Contender("polars", polars, needs="polars"),
    )
    return Row(
        "savetxt",
        f"savetxt of {count * COLUMNS:,} float64, the default format (polars: the shortest)",
        contenders,
        before=files.removed,
        check=check,
        goal=Goal("numpy", 15),
        **common,
    )


def loading(name, fmt, separator, count, common):
    delimiter = None if separator == " " else separator

    def by(module):
        def start(place, path):
            load = __import__(module).loadtxt
            return lambda: load(place / "input.csv", delimiter=delimiter)

        return start

    def polars(place, path):
        import polars

        def work():
            frame = polars.read_csv(place / "input.csv", has_header=False, separator=separator)
            return frame.to_numpy()

        return work

    def make(place):
        np.savetxt(place / "input.csv", table(count), fmt=fmt, delimiter=separator)

    def check(place, path, result):
        assert np.array_equal(result, np.loadtxt(place / "input.csv", delimiter=delimiter))

    return Row(
        f"loadtxt-{name}",
        f"loadtxt of {count * COLUMNS:,} numbers written with {fmt}",
        (
            Contender(OURS, by("savez"), needs="savez"),
            Contender("numpy", by("numpy")),
            Contender("polars", polars, needs="polars"),
        ),
        make=make,
        check=check,
        goal=Goal("polars", 1),
        **common,
    )
