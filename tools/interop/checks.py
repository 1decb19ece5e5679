"""What the checks of this folder share: each tells how it went in a line, and all of a script are counted."""

import sys


class Counts:
    passed = failed = skipped = 0


def judge(name, holds, detail=""):
    """Counts and prints a check, and where it does not hold, what was found instead."""
    if holds:
        Counts.passed += 1
        print(f"passed {name}", flush=True)
    else:
        Counts.failed += 1
        # What a terminal showed may have carriage returns, behind which it would hide this line.
        shown = str(detail).replace("\r", "\\r")
        print(f"failed {name} {shown}".rstrip(), flush=True)


def skip(reason):
    """Counts and prints a check that cannot run here."""
    Counts.skipped += 1
    print(f"skipped {reason}", flush=True)


def finish():
    """Prints how many checks passed, failed and were skipped, and ends the script."""
    print(f"{Counts.passed} passed, {Counts.failed} failed, {Counts.skipped} skipped")
    sys.exit(Counts.failed > 0)
