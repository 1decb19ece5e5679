"""Runs the benchmark of the dashboard; started by tools/bench, which says more."""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

from bench_report import report

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop"))

from dashboard_parts import Process, Stream, get, wait_for  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

# A page notes its long tasks, and what they come of as far as the browser tells.
WATCH = """
window.tasks = [];
new PerformanceObserver((list) => {
  for (const task of list.getEntries()) window.tasks.push([task.startTime, task.duration]);
}).observe({ type: "longtask", buffered: true });
"""
FIRST_PAGE, PUSH, MEMORY, TASK = 200, 50, 300, 50


def say(text):
    print(f"bench dashboard: {text}", file=sys.stderr)


def high(values, share=0.99):
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def processor(pid):
    """Milliseconds of processor time that a process has had: the same however busy the machine is with others."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


class Trace:
    """The tasks of a page as the browser itself times them, by the clock and by the processor."""

    def __init__(self, page):
        self.events, self.is_done = [], False
        self.session = page.context.new_cdp_session(page)
        self.session.on("Tracing.dataCollected", lambda data: self.events.extend(data["value"]))
        self.session.on("Tracing.tracingComplete", lambda _: setattr(self, "is_done", True))
        self.session.send("Tracing.start", {"traceConfig": {"includedCategories": ["toplevel", "devtools.timeline"]}})

    def longest(self, page):
        """Milliseconds of processor time of the longest task of the page's thread."""
        self.session.send("Tracing.end")
        while not self.is_done:
            page.wait_for_timeout(50)
        threads = [(e["pid"], e["tid"]) for e in self.events if e["name"] == "UpdateLayoutTree"]
        thread = max(set(threads), key=threads.count)
        tasks = [
            event.get("tdur", 0) / 1000
            for event in self.events
            if event["name"] == "ThreadControllerImpl::RunTask" and (event["pid"], event["tid"]) == thread
        ]
        return max(tasks, default=0)


class Chain:
    """Broker, sink, dashboard and producer, in a folder of their own."""

    def __init__(self, arguments):
        self.arguments, self.folder = arguments, arguments.folder
        self.table = self.folder / "vitals"
        self.processes = []
        broker = self.begin("kafka-dev-broker", "--topic", "vitals:6", stdout=subprocess.PIPE, text=True)
        source = ["--bootstrap-servers", broker.stdout.readline().split()[-1], "--topic", "vitals"]
        self.begin(
            "vitals-sink", *source, "--group-id", "bench", "--table", self.table, "-X", "fetch.wait.max.ms=20",
            "--log-level", "warning",
        )  # fmt: skip
        self.dashboard = Process(
            [f"{arguments.bin}/vitals-dashboard", "--port", "0", "--table", self.table], cwd=self.folder
        )
        # The mock broker looks for an offset batch by batch from its oldest on, which no real one does: with the few
        # records that a batch of five milliseconds has, that would take a processor of the two after a minute.
        self.begin(
            "vitals-producer", *source, "--patients", arguments.patients, "--rate", arguments.rate,
            "-X", "linger.ms=100",
        )  # fmt: skip

    def begin(self, name, *words, **options):
        command = [f"{self.arguments.bin}/{name}", *map(str, words)]
        process = subprocess.Popen(command, cwd=self.folder, **options)
        self.processes.append(process)
        return process

    def commits(self):
        """By version the time at which a commit became visible: the link to its name sets the change time."""
        entries = (self.table / "_delta_log").glob("*.json")
        return {int(entry.stem): entry.stat().st_ctime for entry in entries}

    def end(self):
        self.dashboard.end()
        # One after the other, the broker last: who cannot reach it goes on trying.
        for process in reversed(self.processes):
            process.terminate()
            process.wait()


def first_pages(url, count=20):
    """Milliseconds of the page of the ward on loopback, and its size."""
    times = []
    for _ in range(count):
        start = time.monotonic()
        status, page = get(url)
        times.append((time.monotonic() - start) * 1000)
        assert status == 200
        time.sleep(0.3)
    return times, len(page)


def pushes(stream, commits):
    """Of each update that brought rows: milliseconds from the begin of the look that found them to the event's last
    byte, and from the commit to that look. The whole ward comes first, in parts with rests between them; what is found
    meanwhile waits for it, and is not counted."""
    took, waited, opened = [], [], 0
    for at, update in stream.updates():
        if "whole" in update:
            opened = at
            continue
        seen = update["feed"].get("seen")
        if not seen or not update["tiles"] or seen < opened * 1000:
            continue
        before = [made for made in commits.values() if made <= at]
        took.append(at * 1000 - seen)
        waited.append(max(0.0, seen - max(before, default=at) * 1000))
    return took, waited


def openings(browser, url, count=5):
    """Of each opening of the ward: milliseconds to the first paint, and of the longest task by the clock; and the
    milliseconds of processor time of the longest task of one opening more, which the trace slows down."""
    paints, longest = [], []
    for _ in range(count):
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.add_init_script(WATCH)
        # The tab itself has to be up: a process of the browser is not what is measured.
        page.wait_for_timeout(1_000)
        page.goto(url)
        page.wait_for_timeout(2_500)
        paints.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        tasks = page.evaluate("window.tasks")
        longest.append(max((task[1] for task in tasks), default=0))
        say("long tasks of an opening: " + ", ".join(f"{task[1]} ms at {task[0]:.0f}" for task in tasks))
        page.close()
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    trace = Trace(page)
    page.wait_for_timeout(1_000)
    page.goto(url)
    page.wait_for_timeout(2_500)
    traced = trace.longest(page)
    page.close()
    return statistics.median(paints), longest, traced


def measure(arguments, browser):
    chain = Chain(arguments)
    try:
        url = chain.dashboard.url
        wait_for(lambda: f">{arguments.patients} patients<".encode() in get(url)[1], "the whole ward", 60)
        # What the start costs is not what a page costs that stays open; both are told.
        paint, opening, opening_used = openings(browser, url)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.add_init_script(WATCH)
        page.goto(url)
        page.wait_for_timeout(3_000)
        page.evaluate("window.tasks = []")
        stream = Stream(url)
        trace = Trace(page)
        server = chain.dashboard.process.pid
        before = processor(server)
        say(f"watching for {arguments.seconds} s, load {os.getloadavg()[0]:.1f}")
        deadline = time.monotonic() + arguments.seconds
        while time.monotonic() < deadline:
            page.wait_for_timeout(500)
        tasks = page.evaluate("window.tasks")
        say(f"long tasks while open: {[round(duration) for _, duration in tasks]}")
        used = processor(server) - before
        longest = trace.longest(page)
        took, waited = pushes(stream, chain.commits())
        say("updates: " + ", ".join(f"{value:.0f}" for value in took) + " ms")
        say("waiting for the look: " + ", ".join(f"{value:.0f}" for value in waited) + " ms")
        if not took:
            raise SystemExit("no update came while the dashboard was measured")
        # Asked for beside the page, which goes on.
        before = processor(server)
        pages, size = first_pages(url)
        page_used = (processor(server) - before) / len(pages)
        say(f"the first page: {size >> 10} KiB, {', '.join(f'{value:.0f}' for value in pages)} ms")
        figures = [
            ("first page, median", statistics.median(pages), FIRST_PAGE, "ms"),
            ("first page, slowest of 20", max(pages), FIRST_PAGE, "ms"),
            ("first page, processor", page_used, FIRST_PAGE, "ms"),
            ("first paint in Chromium, median", paint, None, "ms"),
            ("update after the look, median", statistics.median(took), PUSH, "ms"),
            ("update after the look, slowest", max(took), PUSH, "ms"),
            ("server, processor time for an update", used / len(took), None, "ms"),
            ("commit to the look, slowest", max(waited), None, "ms"),
            ("server memory", chain.dashboard.peak(), MEMORY, "MB"),
            ("longest task, page open", max((task[1] for task in tasks), default=0), TASK, "ms"),
            ("longest task, processor", longest, TASK, "ms"),
            ("longest task, opening, median", statistics.median(opening), TASK, "ms"),
            ("longest task, opening, slowest of 5", max(opening), TASK, "ms"),
            ("longest task, opening, processor", opening_used, TASK, "ms"),
        ]
        page.close()
        return figures
    finally:
        chain.end()


def main():
    parser = argparse.ArgumentParser(prog="tools/bench dashboard")
    parser.add_argument("--folder", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--bin", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=int, default=40)
    parser.add_argument("--patients", type=int, default=1_000)
    parser.add_argument("--rate", type=int, default=5_000)
    arguments = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        figures = measure(arguments, browser)
        browser.close()
    lines = []
    for name, value, limit, unit in figures:
        ratio = round(limit / max(value, 0.1), 2) if limit else ""
        lines.append([name, round(value, 1), "limit", limit or "", unit, ratio, 1.0 if limit else "",
                      value <= limit if limit else ""])  # fmt: skip
    report(lines, arguments.json)


main()
