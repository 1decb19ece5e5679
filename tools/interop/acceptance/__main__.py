"""Runs the acceptance scenarios; started by tools/acceptance, which says more."""

import argparse
import pathlib
import sys
import time
import traceback

import bad_records
import faults
import formats
import landing
import recorded
import topics
from processes import Failure, Scene, Skip, tail

SCENARIOS = {
    "landing": landing.landing,
    "outage": landing.outage,
    "kill": landing.kill,
    "recorded": recorded.recorded,
    "bad-records": bad_records.bad_records,
    "topics": topics.topics,
    **{f"formats/{name}": scenario for name, scenario in formats.SCENARIOS.items()},
    **{f"faults/{name}": scenario for name, scenario in faults.SCENARIOS.items()},
}


def chosen(names):
    """The scenarios of the given names; a name of a group stands for all in it."""
    found = []
    for name in names:
        matches = [key for key in SCENARIOS if key == name or key.startswith(name + "/")]
        if not matches:
            sys.exit(f"acceptance: there is no scenario {name}; there are: {', '.join(SCENARIOS)}")
        found += matches
    return found


def run(name, folder, instance):
    """Runs one scenario and returns "passed", "failed" or "skipped", after a line that says so."""
    folder = folder / name.replace("/", "-")
    folder.mkdir()
    started = time.monotonic()
    scene = Scene(name.replace("/", "-"), folder, instance)
    try:
        SCENARIOS[name](scene)
        outcome, reason = "passed", ""
    except Skip as skip:
        outcome, reason = "skipped", f": {skip}"
    except Failure as failure:
        outcome, reason = "failed", f": {failure}"
    except Exception:  # A fault of the scenario itself must not keep the others from running.
        outcome, reason = "failed", ":\n" + traceback.format_exc()
    finally:
        scene.close()
    print(f"{outcome:8} {name} ({time.monotonic() - started:.1f} s){reason}", flush=True)
    if outcome == "failed":
        for command in scene.commands:
            print(f"  {command.name}, exit {command.process.returncode}, standard error:\n{tail(command.stderr)}")
    return outcome


def main():
    parser = argparse.ArgumentParser(prog="tools/acceptance")
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--hdfs-instance", required=True)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    names = chosen(arguments.names) if arguments.names else list(SCENARIOS)
    outcomes = [run(name, arguments.folder, arguments.hdfs_instance) for name in names]
    print(", ".join(f"{outcomes.count(outcome)} {outcome}" for outcome in ("passed", "failed", "skipped")))
    sys.exit(1 if "failed" in outcomes else 0)


main()
