"""A process that does one contender's work whenever it is told to, and reports what it took.

Lines on the standard input say ``check``, ``run``, or ``run`` and the name of a part; each is answered by a
line of JSON on the standard output. The Rust program of `bench/peers` answers alike.
"""

import contextlib
import gc
import json
import os
import resource
import sys
import time
from pathlib import Path

from . import cases
from .row import Place

#: A part is done so often that it takes about so long.
SECONDS_A_PART = 4e-3


def main():
    topic, row_name, contender_name, directory, quick = sys.argv[1:]
    # What libraries print must not mix with the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    place = Place(Path(directory), quick == "quick")
    row = next(row for row in cases.rows(topic, place.quick) if row.name == row_name)
    if contender_name == "--make":
        row.make(place)
        return
    contender = row.contender(contender_name)
    path = contender.path(row, place)
    work = contender.start(place, path)

    def answer(what):
        answers.write(json.dumps(what) + "\n")
        answers.flush()

    answer({})
    works = work if row.parts else {"": work}
    repeats = dict.fromkeys(works, row.repeat)
    for line in sys.stdin:
        what, _, part = line.strip().partition(" ")
        if what == "check":
            results = {}
            for name, work in works.items():
                start = time.perf_counter()
                results[name] = work(*_sources(contender))
                if row.parts:
                    repeats[name] = _repeats(time.perf_counter() - start)
            if row.check is not None:
                row.check(place, path, results if row.parts else results[""])
            del results
            # So that what is there before a run need not be looked through again for every part.
            gc.freeze()
            answer({})
        else:
            answer(measured(works[part], repeats[part], _sources(contender)))


def _repeats(seconds):
    """How often a part that took so long must be done to take long enough."""
    return min(100, max(1, round(SECONDS_A_PART / seconds)))


def _sources(contender):
    """What the work is done on, if it is made for every run."""
    return () if contender.source is None else (contender.source(),)


def measured(work, repeat, sources=()):
    """What it takes to do the work: seconds, processor seconds, memory and bytes read, each of one time."""
    gc.collect()
    before = _resident()
    _forget_peak()
    read = _read()
    processor = _processor()
    start = time.perf_counter()
    if repeat == 1:
        result = work(*sources)
    else:
        for _ in range(repeat):
            result = work(*sources)
    seconds = time.perf_counter() - start
    processor = _processor() - processor
    read = _read() - read
    peak = _status("VmHWM") - before
    del result
    return {
        "seconds": seconds / repeat,
        "processor": processor / repeat,
        "memory": max(peak, 0),
        "read": max(read, 0) / repeat,
    }


def _processor():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime + children.ru_utime + children.ru_stime


def _resident():
    return _status("VmRSS")


def _status(field):
    """A figure of this process's memory, in bytes."""
    with open("/proc/self/status", "rb") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith(field.encode()))


def _forget_peak():
    """Has the system count the peak of memory from now on (proc(5), ``clear_refs``)."""
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def _read():
    """Bytes that this process has asked the system to read."""
    with open("/proc/self/io", "rb") as counters:
        return next(int(line.split()[1]) for line in counters if line.startswith(b"rchar"))


if __name__ == "__main__":
    main()
