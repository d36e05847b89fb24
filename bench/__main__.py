"""`python -m bench`: runs the rows, shows them as they come, and leaves JSON, Markdown and charts."""

import argparse
import json
import os
import signal
import sys
import tempfile
from pathlib import Path

from . import cases, chart, machine, parts, report
from .progress import Line
from .runner import Runner

REPOSITORY = Path(__file__).resolve().parents[1]


def main(arguments=None):
    options = _parser().parse_args(arguments)
    # So that files and processes are gone then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    listed = _chosen(options.only, options.quick)
    about = machine.described(options.disk, options.memory)
    print(machine.text(about), "\n")
    line = Line()
    runner = Runner(options.disk, options.memory, options.quick, tell=line.tell)
    rows = []
    for number, (topic, row) in enumerate(listed, 1):
        line.of(number, len(listed))
        evaluated = report.evaluated(row, topic, runner.run(topic, row))
        rows.append(evaluated | {"commit": about["commit"], "load_average": machine.load_average()})
        line.clear()
        print(report.terminal(rows[-1]), "\n", flush=True)
        # After every row, so that a run that is broken off leaves what it has.
        _write(options.output, about, rows)
    print(f"written to {options.output}: {', '.join(sorted(f.name for f in options.output.iterdir()))}")


def _chosen(only, quick):
    """Pairs of topic and row: all but those on request, or those of the topics and rows that are named."""
    every = [(topic, row) for topic in (*cases.TOPICS, *cases.ON_REQUEST) for row in cases.rows(topic, quick)]
    if not only:
        return [(topic, row) for topic, row in every if topic in cases.TOPICS]
    wanted = set(only.split(","))
    if unknown := wanted - {topic for topic, _ in every} - {row.name for _, row in every}:
        known = ", ".join((*cases.TOPICS, *cases.ON_REQUEST))
        sys.exit(f"no such topic or row: {', '.join(sorted(unknown))}; topics are {known}")
    return [(topic, row) for topic, row in every if topic in wanted or row.name in wanted]


def _write(output, about, rows):
    """Rows of other runs stay, so that topics can be run one at a time."""
    output.mkdir(parents=True, exist_ok=True)
    for name, render, draw, title in REPORTS:
        written = [row for row in rows if _report(row["topic"]) == name]
        if not written:
            continue
        json_path = output / f"{name}.json"
        written = _merged(json_path, written)
        json_path.write_text(_json(about, written))
        (output / f"{name}.md").write_text(render(written, machine.text(about)))
        if draw is not None:
            (output / f"{name}.svg").write_text(draw(written, title))


#: The files that there may be: their name, what writes the Markdown, what draws a chart, and its title.
REPORTS = (
    ("figures", report.markdown, chart.bars, "Speed, NumPy's being 1 (longer is faster; logarithmic)"),
    ("scaling", report.scaling, chart.lines, "Scaling (medians)"),
    ("corpus", parts.markdown, None, ""),
)


def _report(topic):
    """Which of the files a topic goes to: those on request have one each."""
    return topic if topic in cases.ON_REQUEST else "figures"


def _json(about, rows):
    """A figure a line, so that changes are seen; but a row a line where there are too many figures."""
    if not any(row.get("parts") for row in rows):
        return json.dumps({"machine": about, "rows": rows}, ensure_ascii=False, indent=1) + "\n"
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return f'{{"machine": {json.dumps(about, ensure_ascii=False)}, "rows": [\n{lines}\n]}}\n'


def _merged(path, rows):
    """What the file has of earlier runs, with these rows in place of those of the same names."""
    earlier = json.loads(path.read_text())["rows"] if path.exists() else []
    fresh = {row["name"]: row for row in rows}
    kept = [fresh.pop(row["name"], row) for row in earlier]
    return [*kept, *fresh.values()]


def _parser():
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", help="topics or rows, separated by commas")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that all works")
    parser.add_argument("--output", type=Path, default=REPOSITORY / "target/bench")
    parser.add_argument(
        "--disk", type=Path, default=Path(tempfile.gettempdir()), help="a directory on a disk"
    )
    parser.add_argument("--memory", type=Path, default=_memory(), help="a directory in memory")
    return parser


def _memory():
    return Path("/dev/shm" if os.path.isdir("/dev/shm") else tempfile.gettempdir())


if __name__ == "__main__":
    main()
