"""Measures from produced to visible; started by tools/interop/dashboard-latency, which says more."""

import argparse
import bisect
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

import deltalake
import pyarrow.dataset

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "acceptance"))

from checks import finish, judge, skip  # noqa: E402
from dashboard_parts import Process, Stream, wait_for, ward_keys  # noqa: E402
from processes import Hdfs  # noqa: E402

# What a page notes: when each tile came to show a reading, after the frame was drawn.
WATCH = """
window.shown = [];
const note = (element) => {
  const key = element.closest(".tile").id.slice(2), newest = Number(element.dataset.newest);
  requestAnimationFrame(() => setTimeout(() => window.shown.push([key, newest, Date.now() / 1000])));
};
addEventListener("DOMContentLoaded", () => {
  for (const element of document.querySelectorAll(".taken")) note(element);
  new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === "attributes") note(target);
      for (const node of addedNodes) for (const element of node.querySelectorAll?.(".taken") ?? []) note(element);
    }
  }).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-newest"] });
});
"""


class Chain:
    """Broker, sink and dashboard with nothing set that is not needed, in a folder of their own."""

    def __init__(self, arguments, folder, table):
        self.bin, self.folder, self.table = arguments.bin, folder, table
        folder.mkdir()
        self.processes = []
        broker = self.begin("kafka-dev-broker", "--topic", "vitals:6", stdout=subprocess.PIPE, text=True)
        self.bootstrap = broker.stdout.readline().split()[-1]
        # The broker of these checks answers a fetch that finds nothing only when its wait is over; a real one does so
        # with the next record.
        self.begin(
            "vitals-sink", *self.source, "--group-id", "latency", "--table", table, "-X", "fetch.wait.max.ms=20",
            "--log-level", "warning",
        )  # fmt: skip
        self.dashboard = Process(
            [f"{self.bin}/vitals-dashboard", "--port", "0", "--table", table], cwd=folder,
        )  # fmt: skip

    @property
    def source(self):
        return ["--bootstrap-servers", self.bootstrap, "--topic", "vitals"]

    def begin(self, name, *words, **options):
        process = subprocess.Popen([f"{self.bin}/{name}", *map(str, words)], cwd=self.folder, **options)
        self.processes.append(process)
        return process

    def end(self):
        self.dashboard.end()
        # One after the other, the broker last: who cannot reach it goes on trying.
        for process in reversed(self.processes):
            process.terminate()
            process.wait()


def newest_by_key(shown):
    """Of (key, newest reading, time), by key the readings that came to show, and when, in their order."""
    by_key = {}
    for key, newest, at in shown:
        times, moments = by_key.setdefault(key, ([], []))
        if not times or newest > times[-1]:
            times.append(newest)
            moments.append(at)
    return by_key


def ages(records, names, shown):
    """Seconds from each record's Kafka time until its patient first shows it or a later one, and how many never do."""
    by_key = newest_by_key(shown)
    keys = {name: key for key, name in names.items()}
    found, missing = [], 0
    for patient, event, produced in records:
        times, moments = by_key.get(keys.get(patient), ([], []))
        place = bisect.bisect_left(times, event)
        if place < len(times):
            found.append(moments[place] - produced)
        else:
            missing += 1
    return sorted(found), missing


def records_of(table, since):
    """(patient, milliseconds of the event, seconds of the Kafka time) of records produced since."""
    columns = ["patient_id", "event_time", "_kafka_timestamp"]
    rows = pyarrow.dataset.dataset(deltalake.DeltaTable(str(table)).file_uris()).to_table(columns=columns).to_pydict()
    records = []
    for patient, event, produced in zip(*(rows[name] for name in columns)):
        if produced.timestamp() >= since:
            records.append((patient, int(event.timestamp() * 1000 + 1e-6), produced.timestamp()))
    return records


def measure(chain, seconds, browser, copy):
    """Lets patients be watched, and gives the ages at the stream's client and on the page."""
    streams = [Stream(chain.dashboard.url)]
    page = None
    if browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.add_init_script(WATCH)
        page.goto(chain.dashboard.url)
    producer = chain.begin("vitals-producer", *chain.source)
    # The group has to be joined first, and the first flush to be over, or the start would be measured.
    names = wait_for(lambda: ward_keys(chain.dashboard.url), "the first patients", 60)
    since = time.time()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        # A browser is only looked after while it is talked to.
        page.wait_for_timeout(500) if page else time.sleep(0.5)
    producer.terminate()
    until = time.time()
    deadline = time.monotonic() + 8
    while time.monotonic() < deadline:
        page.wait_for_timeout(500) if page else time.sleep(0.5)
    names.update(ward_keys(chain.dashboard.url))
    records = [record for record in records_of(copy(), since) if record[2] <= until]
    shown = []
    for at, update in streams[0].updates():
        shown += [(tile[0], tile[10], at) for tile in update["tiles"]]
    results = [("at a client of the stream", *ages(records, names, shown))]
    if page:
        results.append(("on a page in Chromium", *ages(records, names, page.evaluate("window.shown"))))
        page.close()
    return results


def report(place, results, target, decides):
    for where, found, missing in results:
        judge(f"every reading shows {where}, {place}", found and missing == 0, f"{missing} do not")
        if not found:
            continue
        high = found[len(found) * 99 // 100]
        words = f"from produced to visible {where}, {place}"
        print(
            f"      {words}: median {statistics.median(found):.2f} s, 99 % within {high:.2f} s, "
            f"longest {found[-1]:.2f} s, {len(found)} readings"
            + (f"; target {target} s: {'met' if high < target else 'missed'}" if target else ""),
            flush=True,
        )
        if target and decides:
            judge(f"99 % within {target} s {words}", high < target, f"{high:.2f} s")


def local(arguments, browser):
    folder = arguments.folder / "local"
    table = folder / "table"
    chain = Chain(arguments, folder, table)
    try:
        report("local table", measure(chain, arguments.seconds, browser, lambda: table), 5, arguments.strict)
    finally:
        chain.end()


def on_hdfs(arguments, browser):
    hdfs = Hdfs(arguments.hdfs_instance, f"latency-{os.getpid()}")
    folder = arguments.folder / "hdfs"
    chain = Chain(arguments, folder, hdfs.location("vitals"))
    try:
        copy = arguments.folder / "copy"
        report("HDFS", measure(chain, arguments.seconds, browser, lambda: hdfs.copy("vitals", copy)), None, False)
    finally:
        chain.end()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--hdfs-instance", default="")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--strict", action="store_true")
    arguments = parser.parse_args()

    def look(browser):
        print(f"      load of the machine: {os.getloadavg()[0]:.1f}", flush=True)
        local(arguments, browser)
        if arguments.hdfs_instance:
            on_hdfs(arguments, browser)
        else:
            skip("HDFS: none was started")

    try:
        if shutil.which("chromium"):
            from playwright.sync_api import sync_playwright

            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
                look(browser)
                browser.close()
        else:
            skip("the page: chromium is not installed")
            look(None)
    except Exception as error:  # noqa: BLE001
        judge("the measuring went through", False, repr(error)[:1500])
    finish()


main()
