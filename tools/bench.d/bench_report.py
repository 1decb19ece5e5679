"""The lines of a benchmark's result, as a table or as JSON."""

import json

COLUMNS = ["case", "ours", "rival", "theirs", "unit", "ratio", "target", "met"]


def cell_text(cell):
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return f"{cell:,}" if isinstance(cell, (int, float)) else str(cell)


def report(lines, as_json):
    """Prints lines of one cell for each of COLUMNS."""
    if as_json:
        for line in lines:
            print(json.dumps(dict(zip(COLUMNS, line))))
        return
    rows = [COLUMNS] + [[cell_text(cell) for cell in line] for line in lines]
    widths = [max(len(row[index]) for row in rows) for index in range(len(COLUMNS))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
