"""What notebooks show."""

from html import escape


def table(caption, rows):
    """A table of texts; the first row is its head."""
    body = "".join(_row(row, "td" if number else "th") for number, row in enumerate(rows))
    return f"<table><caption>{escape(caption)}</caption>{body}</table>"


def _row(cells, tag):
    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"
