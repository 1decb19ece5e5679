"""The processes of a scenario: broker, producer, sink, sync, and a real HDFS."""

import json
import os
import pathlib
import signal
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]
BIN = pathlib.Path(os.environ.get("VITALS_BIN", ROOT / ".build" / "release"))

# Requests to the loopback interface never go through a proxy.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Failure(Exception):
    """An expectation that did not hold."""


class Skip(Exception):
    """A scenario that cannot run here, with the reason."""


def check(condition, message):
    """Fails the scenario unless the condition holds."""
    if not condition:
        raise Failure(message)


def check_equal(actual, expected, what):
    """Fails the scenario unless two values are equal."""
    check(actual == expected, f"{what}: expected {expected!r}, found {actual!r}")


def wait_until(condition, seconds, what):
    """Waits until a condition holds and returns its value; fails the scenario when it takes too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise Failure(f"waited {seconds} s in vain for: {what}")


class Command:
    """One of the product's commands, running, with its output in files of the working folder."""

    def __init__(self, folder, name, *arguments, stdout=None, fault="", environment=None):
        self.name = name
        number = len(list(folder.glob(f"{name}-*.stderr"))) + 1
        self.stderr_path = folder / f"{name}-{number}.stderr"
        self.stdout_path = stdout or folder / f"{name}-{number}.stdout"
        with open(self.stdout_path, "wb") as out, open(self.stderr_path, "wb") as err:
            self.process = subprocess.Popen(
                [BIN / name, *map(str, arguments)], cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                env={**os.environ, "VITALS_FAULT": fault, **(environment or {})},
            )  # fmt: skip

    @property
    def stderr(self):
        return self.stderr_path.read_text(errors="replace")

    @property
    def stdout(self):
        return pathlib.Path(self.stdout_path).read_text(errors="replace")

    @property
    def runs(self):
        return self.process.poll() is None

    def send(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=120):
        """Waits for the end and returns the exit status."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            end = tail(self.stderr)
            raise Failure(f"{self.name} still runs after {seconds} s; its log ends with:\n{end}") from None

    def expect_exit(self, status=0, seconds=120):
        """Waits for the end and fails the scenario when the status is another one."""
        found = self.wait(seconds)
        check(found == status, f"{self.name} exited {found}, not {status}; its log ends with:\n{tail(self.stderr)}")
        return self

    def end(self):
        """Ends the process whatever its state."""
        if self.runs:
            self.send(signal.SIGKILL)
            self.process.wait()


def tail(text, lines=15):
    """The last lines of a log, indented."""
    return "\n".join("    " + line for line in text.splitlines()[-lines:])


def rows_landed(sink):
    """The records that a sink says it has landed, dead letters among them; it logs at the level info."""
    words = [word.split("=") for word in sink.stderr.split() if word.startswith(("rows=", "dead_letters="))]
    return sum(int(count) for _, count in words)


class Hdfs:
    """A real HDFS, run by tools/hdfs, and a reader of it that owes nothing to the product's client."""

    def __init__(self, instance, folder):
        self.instance = instance
        self.url = self.control("url").strip()
        self.user = "root" if os.geteuid() == 0 else os.environ.get("USER", "root")
        # Every scenario has a folder of its own on the shared server.
        self.folder = f"/acceptance/{folder}"

    def control(self, *command):
        """Runs a command of tools/hdfs for this instance."""
        done = subprocess.run(
            [ROOT / "tools" / "hdfs", *command, "--instance", self.instance], capture_output=True, text=True
        )
        words = " ".join(command)
        check(done.returncode == 0, f"tools/hdfs {words} exited {done.returncode}:\n{tail(done.stderr)}")
        return done.stdout

    def location(self, name):
        """A directory of the scenario as the commands take it."""
        authority = urllib.parse.urlsplit(self.url).netloc
        return f"webhdfs://{self.user}@{authority}{self.folder}/{name}"

    def _get(self, path, operation):
        path = urllib.parse.quote(f"/webhdfs/v1{self.folder}/{path}")
        return _opener.open(f"{self.url}{path}?op={operation}&user.name={self.user}", timeout=30)

    def list(self, path):
        """The entries of a directory; none where it is missing."""
        try:
            with self._get(path, "LISTSTATUS") as answer:
                return json.load(answer)["FileStatuses"]["FileStatus"]
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return []
            raise

    def copy(self, path, target):
        """Copies a table to the local disk; uploads under way are no part of it."""
        target.mkdir(parents=True, exist_ok=True)
        for entry in self.list(path):
            name = entry["pathSuffix"]
            if name == "_landing":
                continue
            if entry["type"] == "DIRECTORY":
                self.copy(f"{path}/{name}", target / name)
                continue
            with self._get(f"{path}/{name}", "OPEN") as answer:
                content = answer.read()
            check_equal(len(content), entry["length"], f"bytes of {path}/{name}")
            (target / name).write_bytes(content)
        return target

    def leftovers(self, table):
        """The temporary files in a table that no upload has come back for."""
        writers = [entry["pathSuffix"] for entry in self.list(f"{table}/_landing")]
        return [
            f"{writer}/{entry['pathSuffix']}"
            for writer in writers for entry in self.list(f"{table}/_landing/{writer}")
        ]  # fmt: skip

    def versions(self, table):
        """The number of commits in a table's log."""
        names = (entry["pathSuffix"] for entry in self.list(f"{table}/_delta_log"))
        return sum(name.endswith(".json") and name[:20].isdigit() for name in names)


class Scene:
    """What a scenario works with: a folder, a broker, and its processes, all of which end with it."""

    def __init__(self, name, folder, instance):
        self.folder = folder
        self.topic = "vitals"
        self.commands = []
        # Whatever else must end with the scenario, by its `end()`.
        self.others = []
        self.hdfs = Hdfs(instance, f"{name}-{os.getpid()}")
        self.spool = folder / "spool"

    def run(self, name, *arguments, **options):
        """Starts one of the product's commands."""
        command = Command(self.folder, name, *arguments, **options)
        self.commands.append(command)
        return command

    def start_broker(self, *arguments, partitions=6):
        """Starts the broker in a process of its own and waits for its address."""
        broker = self.run("kafka-dev-broker", "--topic", f"{self.topic}:{partitions}", *arguments)
        self.partitions = partitions
        self.bootstrap = wait_until(lambda: broker.stdout.strip() or not broker.runs, 20, "the broker's address")
        check(broker.runs, f"the broker ended:\n{tail(broker.stderr)}")
        self.bootstrap = self.bootstrap.split()[-1]
        return broker

    def produce(self, *arguments):
        """Starts a producer into the scenario's topic."""
        broker = ("--bootstrap-servers", self.bootstrap, "--topic", self.topic, "-X", "compression.codec=zstd")
        return self.run("vitals-producer", *broker, *arguments)

    def sink(self, table, *arguments):
        """Starts a sink of the scenario's topic into a table.

        The short session lets a sink that follows a killed one join the group after six seconds instead of 45.
        """
        return self.run(
            "vitals-sink", "--bootstrap-servers", self.bootstrap, "--topic", self.topic, "--group-id", "acceptance",
            "--table", table, "--spool", self.spool, "-X", "session.timeout.ms=6000", *arguments,
        )  # fmt: skip

    def close(self):
        """Ends all processes, the broker last."""
        for command in reversed(self.others + self.commands):
            command.end()
