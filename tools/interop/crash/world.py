"""What a crash window plays in: a broker, a road to HDFS that can be cut, messages of which all is known, checks."""

import collections
import http.client
import json
import pathlib
import random
import signal
import socket
import sys
import threading
import time
import urllib.parse

import confluent_kafka

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))

import tables  # noqa: E402
from processes import Scene, check, check_equal, rows_landed, tail, wait_until  # noqa: E402

DAY = 86_400_000


class Road:
    """A relay in front of the NameNode: while it is cut, HDFS is away for those who come by it, and for nobody else."""

    def __init__(self, host, port):
        self.target = (host, port)
        self.connections = set()
        self.lock = threading.Lock()
        self.listener = None
        self.port = 0
        self.open()

    def open(self):
        """Lets connections through."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(64)
        self.port = listener.getsockname()[1]
        self.listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self):
        """Refuses connections and breaks those that are."""
        # A thread that waits in accept keeps the port open unless it is woken.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self.lock:
            for connection in self.connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def _accept(self, listener):
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self.target, timeout=10)
            except OSError:
                near.close()
                continue
            with self.lock:
                self.connections |= {near, far}
            for pair in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=pair, daemon=True).start()

    def _pump(self, source, target):
        try:
            while data := source.recv(65_536):
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        with self.lock:
            if target not in self.connections:
                source.close()
                target.close()
            self.connections -= {source, target}


class Feed:
    """Messages sent, each with what must become of it; one in fifty cannot be read."""

    def __init__(self, scene, seed=1):
        self.scene = scene
        self.random = random.Random(seed)
        self.sent = {}  # (incarnation, partition, offset): value, or None for a bad record
        self.incarnation = 0
        self.number = 0

    def value(self):
        self.number += 1
        time_of_event = int(time.time() * 1000) - self.random.choice([0, 0, 0, DAY]) - self.number % 1000
        return json.dumps({
            "patient_id": f"P{self.number:06}", "event_time": time_of_event,
            "heart_rate": 40 + self.number % 100, "device_id": f"d{self.random.random()}",
        }).encode()  # fmt: skip

    def send(self, count, all_bad=False):
        """Sends messages round the partitions and waits until the broker has them."""
        producer = confluent_kafka.Producer(
            {"bootstrap.servers": self.scene.bootstrap, "compression.codec": "zstd", "linger.ms": 5}
        )
        lost = []

        def report(value):
            def delivered(error, message):
                if error is not None:
                    lost.append(error)
                else:
                    self.sent[(self.incarnation, message.partition(), message.offset())] = value

            return delivered

        for index in range(count):
            is_bad = all_bad or self.number % 50 == 49
            value = self.value()
            payload = b"not a record" if is_bad else value
            partition = index % self.scene.partitions
            producer.produce(self.scene.topic, payload, b"k", partition, report(None if is_bad else value))
            producer.poll(0)
        check_equal(producer.flush(60), 0, "messages that the broker did not take")
        check(not lost, f"{len(lost)} messages were not delivered, {lost[:1]}")


class FalseClock:
    """A wall clock for one process that can be set to and fro while it runs; its monotonic clock stays true."""

    def __init__(self, folder):
        self.path = folder / "clock"
        self.set(0)
        self.environment = {"VITALS_CLOCK": str(self.path), "TZ": "Europe/Berlin"}

    def set(self, minutes):
        """So many minutes ahead of the true time from now on."""
        draft = self.path.with_suffix(".new")
        draft.write_text(f"{minutes}\n")
        draft.rename(self.path)


class World(Scene):
    """A scene with a road to HDFS, a feed, and sinks that can be told where to die."""

    def __init__(self, name, folder, instance, partitions=2):
        super().__init__(name, folder, instance)
        address = urllib.parse.urlsplit(self.hdfs.url)
        self.road = Road(address.hostname, address.port)
        self.start_broker(partitions=partitions)
        self.feed = Feed(self)
        self.groups = 0

    def broker_aborted(self):
        """The library's mock of a broker aborts at times when a suspended member joins again (`!member->resp`)."""
        brokers = [command for command in self.commands if command.name == "kafka-dev-broker"]
        return any(not broker.runs and "rdkafka_mock" in broker.stderr for broker in brokers)

    @property
    def table(self):
        return f"webhdfs://{self.hdfs.user}@127.0.0.1:{self.road.port}{self.hdfs.folder}/vitals"

    def start_sink(
        self, *arguments, fault="", group=None, spool=None, until_end=True, session=6_000, environment=None
    ):
        """Starts a sink with small batches, in a group of its own unless one is named."""
        self.groups += 1
        words = ["--until-end"] if until_end else []
        return self.run(
            "vitals-sink", "--bootstrap-servers", self.bootstrap, "--topic", self.topic,
            "--group-id", group or f"group-{self.groups}", "--table", self.table, "--spool", spool or self.spool,
            "--flush-bytes", 65_536, "--flush-seconds", 1, "--outage-seconds", 1, "-X", f"session.timeout.ms={session}",
            "--log-level", "info", *words, *arguments, fault=fault, environment=environment,
        )  # fmt: skip

    def land(self, *arguments, **options):
        """Lands what the topic holds now."""
        return self.start_sink(*arguments, **options).expect_exit(seconds=120)

    def die(self, fault, *arguments, **options):
        """Runs a sink that dies by its fault."""
        return self.expect_killed(self.start_sink(*arguments, fault=fault, **options), fault)

    def expect_killed(self, command, fault):
        """Waits until a command was killed by its own fault."""
        found = command.wait(120)
        end = f"end of {command.name} with the fault {fault}; its log:\n{tail(command.stderr)}"
        check_equal(found, -signal.SIGKILL, end)
        return command

    def expect_stopped(self, command, what):
        """Waits until a command has stopped itself at its fault."""

        def state():
            check(command.runs, f"{command.name} ended instead of stopping at {what}:\n{tail(command.stderr)}")
            stat = pathlib.Path(f"/proc/{command.process.pid}/stat").read_text()
            return stat[stat.rindex(")") + 2] == "T"

        wait_until(state, 60, f"{command.name} to stop at {what}")

    def go_on(self, command):
        command.send(signal.SIGCONT)

    def start_sync(self, fault="", spool=None):
        return self.run("hdfs-sync", "--spool", spool or self.spool, "--table", self.table, fault=fault)

    def sync(self, **options):
        return self.start_sync(**options).expect_exit(seconds=120)

    def start_compact(self, *arguments, fault="", table=None):
        """Starts the care of the table: a compaction, or what is asked for."""
        return self.run("pq-compact", *(arguments or ["compact"]), table or self.table, fault=fault)

    def compact(self, *arguments, **options):
        return self.start_compact(*arguments, **options).expect_exit(seconds=120)

    def spooled(self):
        """Commits in the spool's log, its creation aside."""
        return len(list(self.spool.glob("_delta_log/*.json"))) - 1

    def commits(self):
        return max(0, self.hdfs.versions("vitals") - 1)

    def commits_after(self, before, sink):
        """Waits for a commit beyond so many: within a few flush intervals, however the clock stands."""
        started = time.monotonic()
        wait_until(lambda: self.commits() > before or not sink.runs, 60, "a commit after the clock was set")
        check(sink.runs, f"the sink ended:\n{tail(sink.stderr)}")
        check(time.monotonic() - started < 20, "the flush waited for the wall clock")
        # All that was sent, so that the next step stands alone.
        wait_until(lambda: rows_landed(sink) >= len(self.feed.sent), 60, "the rest of the step")
        return self.commits()

    def _request(self, method, path, operation, body=None):
        """A request to the real NameNode, redirected once where a body is sent."""
        url = f"{self.hdfs.url}/webhdfs/v1{self.hdfs.folder}/{path}?op={operation}&user.name={self.hdfs.user}"
        for _ in range(2):
            address = urllib.parse.urlsplit(url)
            connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
            is_last = address.port != self.name_node
            connection.request(method, f"{address.path}?{address.query}", body if is_last else None)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 307:
                break
            url = answer.getheader("Location")
        check(answer.status < 300, f"{operation} of {path} was answered {answer.status}")

    @property
    def name_node(self):
        return urllib.parse.urlsplit(self.hdfs.url).port

    def set_property(self, name, value):
        """Commits a table setting as another engine would."""
        with self.hdfs._get("vitals/_delta_log/00000000000000000000.json", "OPEN") as answer:
            actions = [json.loads(line) for line in answer.read().splitlines()]
        metadata = next(action for action in actions if "metaData" in action)
        metadata["metaData"]["configuration"][name] = value
        version = self.hdfs.versions("vitals")
        info = {"commitInfo": {"operation": "SET TBLPROPERTIES", "timestamp": int(time.time() * 1000)}}
        body = "\n".join(map(json.dumps, (info, metadata))).encode()
        self._request("PUT", f"vitals/_delta_log/{version:020}.json", "CREATE&overwrite=false", body)

    def clean_up_log(self):
        """Removes the log entries below the newest checkpoint, as a clean-up of another engine does."""
        names = [entry["pathSuffix"] for entry in self.hdfs.list("vitals/_delta_log")]
        newest = max(int(name[:20]) for name in names if name.endswith(".checkpoint.parquet"))
        for name in names:
            if name.endswith(".json") and int(name[:20]) < newest:
                self._request("DELETE", f"vitals/_delta_log/{name}", "DELETE")

    def check(self, leftovers=True):
        """Every message is a row or a dead letter, once, as it was sent."""
        copy = self.folder / f"copy-{self.groups}"
        rows = tables.read(self.hdfs.copy("vitals", copy / "vitals"))
        letters = tables.read(self.hdfs.copy("vitals_dead_letters", copy / "letters"))
        good = {place for place, value in self.feed.sent.items() if value is not None}
        self.compare(rows, good, "rows")
        self.compare(letters, self.feed.sent.keys() - good, "dead letters")
        tables.check_same_rows(
            tables.rows_of(rows), tables.rows_of_messages(v for v in self.feed.sent.values() if v is not None)
        )
        if leftovers:
            for name in ("vitals", "vitals_dead_letters"):
                check_equal(self.hdfs.leftovers(name), [], f"temporary files under {name}/_landing")

    def compare(self, table, expected, what):
        names = ("_kafka_incarnation", "_kafka_partition", "_kafka_offset")
        columns = [table[name].to_pylist() for name in names] if table.num_columns else [[], [], []]
        found = collections.Counter(zip(*columns))
        twice = [place for place, count in found.items() if count > 1]
        lost = sorted(expected - found.keys())
        extra = sorted(found.keys() - expected)
        check(not twice, f"{len(twice)} {what} are there twice, first {twice[:2]}")
        check(not lost, f"{len(lost)} of {len(expected)} {what} are lost, first {lost[:2]}")
        check(not extra, f"{len(extra)} {what} are there that should not be, first {extra[:2]}")
