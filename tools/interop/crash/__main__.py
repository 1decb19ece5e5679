"""Runs the crash windows and the random kills; started by tools/crash-test, which says more."""

import argparse
import concurrent.futures
import pathlib
import sys
import time
import traceback

import world  # first: it makes the modules of the acceptance known
import care
import outage
import random_kills
import windows
from processes import Failure, Skip, tail


def play(name, title, story, folder, instance):
    """Plays one story and returns "passed", "failed" or "skipped", after a line that says so.

    Where the mock of a broker aborts, which says nothing of our commands, the story is played again, once.
    """
    for attempt in (1, 2):
        place = folder / f"window-{name}-{attempt}"
        place.mkdir()
        outcome, text, is_void = play_once(name, title, story, place, instance)
        if not is_void or attempt == 2:
            print(text, flush=True)
            return outcome
        print(f"void     window {name}: the mock of a broker aborted; played again", flush=True)


def play_once(name, title, story, folder, instance):
    """The outcome, the line that says so, and whether the broker aborted."""
    started = time.monotonic()
    scene = None
    try:
        scene = world.World(folder.name.replace("window", "crash"), folder, instance, getattr(story, "partitions", 2))
        story(scene)
        outcome, reason = "passed", ""
    except Skip as skip:
        outcome, reason = "skipped", f": {skip}"
    except Failure as failure:
        outcome, reason = "failed", f": {failure}"
    except Exception:  # A fault of the story itself must not keep the others from running.
        outcome, reason = "failed", ":\n" + traceback.format_exc()
    finally:
        is_void = scene is not None and scene.broker_aborted()
        if scene is not None:
            scene.close()
    text = f"{outcome:8} window {name}: {title} ({time.monotonic() - started:.1f} s){reason}"
    if outcome == "failed" and scene is not None:
        for command in scene.commands[-4:]:
            text += f"\n  {command.name}, exit {command.process.returncode}, its log ends:\n{tail(command.stderr, 12)}"
    return outcome, text, is_void and outcome == "failed"


def main():
    parser = argparse.ArgumentParser(prog="tools/crash-test")
    parser.add_argument("--folder", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--hdfs-instance", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--runs", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--outage", type=float, default=0)
    parser.add_argument("--care", type=float, default=0)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--parallel", type=int, default=4, help="windows that are played at once")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    known = windows.WINDOWS + windows.ALONE
    if arguments.list:
        for name, title, _ in known:
            print(f"{name:5} {title}")
        return
    if arguments.runs > 0:
        story = random_kills.story(arguments.runs, arguments.seed, arguments.minutes)
        known.append(("random", f"{arguments.runs} random kills, seed {arguments.seed}", story))
    if arguments.outage > 0:
        title = f"HDFS away for {arguments.outage:g} minutes of full load"
        known.append(("outage", title, outage.story(arguments.outage)))
    if arguments.care > 0:
        title = f"compactions, vacuums and readers beside two sinks, for {arguments.care:g} minutes"
        known.append(("care", title, care.story(arguments.care)))
    unknown = set(arguments.names) - {name for name, _, _ in known}
    if unknown:
        sys.exit(f"crash-test: there are no windows {', '.join(sorted(unknown))}; see --list")
    wanted = set(arguments.names) or {name for name, _, _ in known}

    def run(entry):
        return play(*entry, arguments.folder, arguments.hdfs_instance)

    with concurrent.futures.ThreadPoolExecutor(arguments.parallel) as pool:
        outcomes = list(pool.map(run, [entry for entry in windows.WINDOWS if entry[0] in wanted]))
    outcomes += [run(entry) for entry in known[len(windows.WINDOWS) :] if entry[0] in wanted]
    print(", ".join(f"{outcomes.count(outcome)} {outcome}" for outcome in ("passed", "failed", "skipped")))
    sys.exit(1 if "failed" in outcomes else 0)


main()
