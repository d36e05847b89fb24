"""Numbers as text: `savetxt` and `loadtxt`, beside pandas, polars and PyArrow, which write and read CSV."""

import numpy as np

from .. import data, files
from ..row import OURS, Contender, Goal, Row

COLUMNS = 10


def rows(quick):
    count = 1000 if quick else 100_000
    common = {"amount": count * COLUMNS, "unit": "numbers", "suffix": ".csv"}
    return [
        saving("savetxt", "%.18e", " ", count, common | {"goal": Goal("numpy", 8)}),
        saving("savetxt-2", "%.18e", " ", count, common | {"goal": Goal("numpy", 15), "cores": 2}),
        saving("savetxt-6g", "%.6g", ",", count, common),
        loading("18e", "%.18e", " ", count, common),
        loading("18e-2", "%.18e", " ", count, common | {"cores": 2}),
        loading("6g", "%.6g", ",", count, common),
        loading("6g-2", "%.6g", ",", count, common | {"cores": 2}),
    ]


def table(count):
    return (data.numbers(count * COLUMNS, "f8") * 1000 - 300).reshape(count, COLUMNS)


def saving(name, fmt, separator, count, common):
    def by(module):
        def start(place, path):
            save, array = __import__(module).savetxt, table(count)
            return lambda: save(path, array, fmt=fmt, delimiter=separator)

        return start

    def pandas(place, path):
        import pandas

        frame = pandas.DataFrame(table(count))
        return lambda: frame.to_csv(path, sep=separator, float_format=fmt, header=False, index=False)

    def polars(place, path):
        import polars

        frame = polars.DataFrame(table(count), orient="row")
        return lambda: frame.write_csv(path, separator=separator, include_header=False)

    def pyarrow(place, path):
        import pyarrow
        from pyarrow import csv

        columns = list(np.ascontiguousarray(table(count).T))
        columns = pyarrow.table(columns, [str(number) for number in range(COLUMNS)])
        options = csv.WriteOptions(include_header=False, delimiter=separator)
        return lambda: csv.write_csv(columns, path, options)

    def check(place, path, result):
        array, found = table(count), np.loadtxt(path, delimiter=separator)
        if np.array_equal(found, array):
            return
        written = [float(fmt % number) for number in array.ravel().tolist()]
        assert np.array_equal(found.ravel(), written)

    contenders = (
        Contender(OURS, by("savez"), needs="savez"),
        Contender("numpy", by("numpy")),
        Contender("pandas", pandas, needs="pandas"),
        Contender("polars", polars, needs="polars"),
        Contender("pyarrow", pyarrow, needs="pyarrow"),
    )
    return Row(
        name,
        f"savetxt of {count * COLUMNS:,} float64 with {fmt} (polars, PyArrow: the shortest)",
        contenders,
        before=files.removed,
        check=check,
        **common,
    )


def loading(name, fmt, separator, count, common):
    delimiter = None if separator == " " else separator

    def by(module):
        def start(place, path):
            load = __import__(module).loadtxt
            return lambda: load(place / "input.csv", delimiter=delimiter)

        return start

    def pandas(place, path):
        import pandas

        def work():
            # The default does not round as IEEE 754 wants it.
            options = {"sep": separator, "float_precision": "round_trip"}
            return pandas.read_csv(place / "input.csv", header=None, **options).to_numpy()

        return work

    def polars(place, path):
        import polars

        def work():
            frame = polars.read_csv(place / "input.csv", has_header=False, separator=separator)
            return frame.to_numpy()

        return work

    def pyarrow(place, path):
        from pyarrow import csv

        def work():
            names = csv.ReadOptions(autogenerate_column_names=True)
            read = csv.read_csv(place / "input.csv", names, csv.ParseOptions(delimiter=separator))
            return np.column_stack([column.to_numpy() for column in read.columns])

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
            Contender("pandas", pandas, needs="pandas"),
            Contender("polars", polars, needs="polars"),
            Contender("pyarrow", pyarrow, needs="pyarrow"),
        ),
        make=make,
        check=check,
        goal=Goal("polars", 1),
        **common,
    )
