"""What the checks of vitals-dashboard share: processes, tables, and clients of the stream of events."""

import datetime
import http.client
import json
import pathlib
import re
import signal
import subprocess
import threading
import time
import urllib.parse

import deltalake
import pyarrow

VITALS = ["heart_rate", "spo2", "systolic_bp", "diastolic_bp", "respiratory_rate", "temperature"]
HEALTHY = [72, 98, 122, 78, 15, 36.8]
SHOCKED = [140, 88, 80, 45, 30, 36.5]
RAISED = [96, 98, 122, 78, 15, 36.8]


def wait_for(condition, what, seconds=30):
    """Waits until a condition holds, and returns its value."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise TimeoutError(f"waited {seconds} s in vain for {what}")


class Process:
    """A command of ours that logs the address on which it answers; its log is read on, lest it block."""

    def __init__(self, command, **options):
        self.process = subprocess.Popen(
            [str(word) for word in command], stderr=subprocess.PIPE, text=True, errors="replace", **options
        )
        self.log = []
        for line in self.process.stderr:
            self.log.append(line)
            found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            if found:
                break
        else:
            raise RuntimeError(f"{command[0]} did not begin: {''.join(self.log)}")
        self.url, self.port = found.group(0), int(found.group(1))
        threading.Thread(target=self._read_on, daemon=True).start()

    def _read_on(self):
        for line in self.process.stderr:
            self.log.append(line)

    def peak(self):
        """The most memory that it has held, in MB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) / 1024

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None


class Table:
    """A table of vitals that delta-rs writes."""

    def __init__(self, path):
        self.path = path

    def add(self, readings, seconds_ago=0.0):
        """Lands (patient, values) as one commit; gives the time at which it was there."""
        now = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=seconds_ago)
        return self.add_at([(name, values, now) for name, values in readings])

    def add_at(self, readings):
        """Lands (patient, values, time) as one commit; gives the time at which it was there."""
        columns = {
            "patient_id": pyarrow.array([name for name, _, _ in readings]),
            "event_time": pyarrow.array([at for _, _, at in readings], pyarrow.timestamp("us", tz="UTC")),
        }
        for place, vital in enumerate(VITALS):
            columns[vital] = pyarrow.array([values[place] for _, values, _ in readings], pyarrow.float64())
        deltalake.write_deltalake(self.path, pyarrow.table(columns), mode="append")
        return time.monotonic()


def get(url, path="/", timeout=20):
    """The status and the body of an answer."""
    address = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=timeout)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


class Stream(threading.Thread):
    """A client of the stream of events, as a page is one: each event with the time at which its last byte came."""

    def __init__(self, url, every=5, view="ward"):
        super().__init__(daemon=True)
        address = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
        self.connection.request("GET", f"/events?view={view}&every={every}")
        self.answer = self.connection.getresponse()
        self.events = []
        self.start()

    def run(self):
        try:
            for line in self.answer:
                now = time.time()
                if line.startswith(b"data: "):
                    self.events.append((now, line))
        except (OSError, http.client.HTTPException, ValueError, AttributeError):
            pass

    def updates(self):
        """The events so far, read."""
        return [(at, json.loads(line[6:])) for at, line in list(self.events)]


def ward_keys(url):
    """The patient of each key; the page itself has the most urgent ones only, the first update all."""
    address = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    try:
        connection.request("GET", "/events?view=ward&every=5")
        tiles = ""
        for line in connection.getresponse():
            if line.startswith(b"data: "):
                update = json.loads(line[6:])
                tiles += "".join(update.get("new", []))
                if "isPart" not in update:
                    break
        return dict(re.findall(r'id="t-([a-z2-7]{26})"[^>]* data-name="([^"]*)"', tiles))
    finally:
        connection.close()
