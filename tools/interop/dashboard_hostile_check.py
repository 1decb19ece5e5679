"""Does to vitals-dashboard what nobody should; started by tools/interop/dashboard-hostile, which says more."""

import argparse
import datetime
import os
import pathlib
import re
import resource
import selectors
import shutil
import socket
import subprocess
import sys
import time

from playwright.sync_api import expect, sync_playwright

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "acceptance"))

from checks import finish, judge, skip  # noqa: E402
from dashboard_parts import HEALTHY, SHOCKED, Process, Stream, Table, get, wait_for  # noqa: E402
from processes import Hdfs  # noqa: E402

POSTS = [
    "/login", "/logout", "/alarms/acknowledge", "/alarms/pause", "/alarms/resume", "/alarms/test", "/risk/explain",
    "/risk/what-if",
]  # fmt: skip
LARGE = 10_000_000
STREAMS = 1_000
PARTS = ["bodies", "trickle", "streams", "deaf", "log", "clocks", "restart", "hdfs"]


def gauge(server, name):
    """A figure of the server's own metrics."""
    text = get(server.url, "/metrics")[1].decode()
    return float(re.search(rf"^vitals_dashboard_{name} (\S+)", text, re.M).group(1))


def is_alive(server):
    return server.process.poll() is None and get(server.url, "/healthz") == (200, b"ok\n")


def connect(server, receive=None):
    client = socket.socket()
    if receive:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
    client.settimeout(20)
    client.connect(("127.0.0.1", server.port))
    return client


class Check:
    def __init__(self, arguments, browser):
        self.arguments, self.browser = arguments, browser
        self.number = 0

    def folder(self):
        self.number += 1
        return self.arguments.folder / str(self.number)

    def start(self, table, *options, port=0, state=None, **others):
        state = state or self.folder()
        return Process(
            [f"{self.arguments.bin}/vitals-dashboard", "--port", port, "--table", table, "--state", state,
             "--flush-seconds", "1", *options],
            **others,
        )  # fmt: skip

    def table(self, names=("well", "shocked")):
        table = Table(str(self.folder()))
        table.add([(name, SHOCKED if name == "shocked" else HEALTHY) for name in names])
        return table

    def page(self):
        page = self.browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(30_000)
        page.add_init_script("localStorage.setItem('vitals-every', '1')")
        return page

    def picture(self, page, name):
        page.screenshot(path=f"{self.arguments.screenshots}/{name}.png", full_page=True)

    # What is done.

    def bodies(self):
        """10 MB to whatever takes a form, with and without a length."""
        server = self.start(self.table().path)
        try:
            before = server.peak()
            for path in POSTS:
                length = self.post(server, path, f"Content-Length: {LARGE}\r\n", lambda: b"a" * 65_536)
                chunked = self.post(
                    server, path, "Transfer-Encoding: chunked\r\n", lambda: b"10000\r\n" + b"a" * 65_536 + b"\r\n"
                )
                judge(f"10 MB to {path} are refused", (length, chunked) == (413, 413), f"{length} {chunked}")
            judge("and cost no memory", server.peak() - before < 30, f"{server.peak() - before:.0f} MB")
            judge("others are still served", is_alive(server))
        finally:
            server.end()

    def post(self, server, path, header, part):
        """The status of an answer to a body that is sent until somebody closes."""
        client = connect(server)
        sent = 0
        try:
            client.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\n{header}\r\n".encode())
            while sent < LARGE:
                sent += client.send(part())
        except OSError:
            # Refused in the middle; the answer is there already.
            pass
        try:
            answer = client.recv(65_536)
        except OSError:
            answer = b""
        client.close()
        return int(answer.split()[1]) if answer else None

    def trickle(self):
        """Many who send a byte a second, in the head of a request and in its body."""
        server = self.start(self.table().path)
        clients = []
        try:
            for number in range(600):
                client = connect(server)
                head = b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "
                if number % 2:
                    head = b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\ntoken="
                client.sendall(head)
                client.setblocking(False)
                clients.append(client)
            served, slowest, left = 0, 0.0, 0
            for _ in range(14):
                left = 0
                for client in clients:
                    try:
                        client.send(b"a")
                        client.recv(65_536, socket.MSG_PEEK)
                    except BlockingIOError:
                        left += 1
                    except OSError:
                        continue
                start = time.monotonic()
                served += get(server.url)[0] == 200
                slowest = max(slowest, time.monotonic() - start)
                time.sleep(1)
            print(f"      600 trickling clients: the slowest page took {slowest * 1000:.0f} ms, {left} still wait")
            judge("others are served while 600 clients trickle", served == 14, str(served))
            judge("who trickles a body is let go within its 10 s", left <= 300, str(left))
            judge("the server goes on", is_alive(server))
        finally:
            for client in clients:
                client.close()
            server.end()

    def streams(self):
        """A thousand streams at once: all are told, and one more is told that there are too many."""
        table = self.table([f"P{number:03}" for number in range(100)])
        server = self.start(table.path, "--max-streams", STREAMS)
        clients = []
        try:
            wait_for(lambda: b">100 patients<" in get(server.url)[1], "the patients")
            begin = server.peak()
            selector = selectors.DefaultSelector()
            heard = {}
            for _ in range(STREAMS):
                client = connect(server)
                client.sendall(b"GET /events?view=ward&every=1 HTTP/1.1\r\nHost: x\r\n\r\n")
                clients.append(client)
                selector.register(client, selectors.EVENT_READ)
            wait_for(lambda: gauge(server, "streams") == STREAMS, "all streams to be open", 60)
            self.hear(selector, heard, b"P099", 30)
            judge("1,000 streams are open at once, and told the ward", len(heard) == STREAMS, str(len(heard)))
            status, body = get(server.url, "/events?view=ward")
            judge("one more is told that there are too many", (status, b"too many" in body) == (503, True), str(body))
            judge("pages are still served", get(server.url)[0] == 200)
            heard = {}
            self.hear(selector, {}, b"nothing", 2)
            start = time.monotonic()
            table.add([("P000", [61, *HEALTHY[1:]])])
            self.hear(selector, heard, b'"61"', 30)
            last = max(heard.values(), default=0) - start
            print(f"      1,000 streams: the last was told {last * 1000:.0f} ms after the commit")
            judge("all 1,000 are told of a commit", len(heard) == STREAMS, str(len(heard)))
            print(f"      1,000 streams: {server.peak():.0f} MB at most, {begin:.0f} before")
            judge("within 300 MB", server.peak() < 300, f"{server.peak():.0f} MB")
            for client in clients:
                client.close()
            wait_for(lambda: gauge(server, "streams") == 0, "the streams to end", 30)
            judge("who goes leaves nothing behind", True)
        finally:
            for client in clients:
                client.close()
            server.end()

    def hear(self, selector, heard, mark, seconds):
        """Reads all streams until each has had the mark; notes when."""
        deadline = time.monotonic() + seconds
        tails = {}
        while time.monotonic() < deadline and len(heard) < len(selector.get_map()):
            for key, _ in selector.select(0.2):
                part = key.fileobj.recv(1 << 20)
                if not part:
                    selector.unregister(key.fileobj)
                    continue
                text = tails.get(key.fd, b"") + part
                if mark in text:
                    heard.setdefault(key.fd, time.monotonic())
                tails[key.fd] = text[-64:]

    def deaf(self):
        """Streams that nobody reads, of a large ward."""
        names = [f"P{number:04}" for number in range(1_000)]
        table = self.table(names)
        server = self.start(table.path)
        clients = []
        try:
            wait_for(lambda: b">1000 patients<" in get(server.url)[1], "the patients")
            for _ in range(100):
                client = connect(server, receive=4_096)
                client.sendall(b"GET /events?view=ward&every=1 HTTP/1.1\r\nHost: x\r\n\r\n")
                clients.append(client)
            wait_for(lambda: gauge(server, "streams") == 100, "all streams to be open")
            heard = Stream(server.url, every=1)
            deadline = time.monotonic() + 40
            rounds = 0
            while time.monotonic() < deadline and gauge(server, "streams") > 1:
                rounds += 1
                table.add([(name, [60 + rounds % 30, *HEALTHY[1:]]) for name in names])
                time.sleep(1)
            print(f"      100 deaf streams: {server.peak():.0f} MB at most, after {rounds} commits")
            judge("streams that nobody reads are let go", gauge(server, "streams") == 1, str(gauge(server, "streams")))
            judge("and memory stays within 300 MB", server.peak() < 300, f"{server.peak():.0f} MB")
            judge(
                "who reads is told all the while", len(heard.events) >= rounds / 2, f"{len(heard.events)} of {rounds}"
            )
        finally:
            for client in clients:
                client.close()
            server.end()

    def log(self):
        """An entry of the log that is none."""
        table = self.table()
        server = self.start(table.path)
        page = self.page()
        try:
            page.goto(server.url)
            expect(page.locator("#feed-words")).to_have_text("Live")
            newest = sorted(name for name in os.listdir(f"{table.path}/_delta_log") if name.endswith(".json"))[-1]
            entry = f"{table.path}/_delta_log/{int(newest[:20]) + 1:020}.json"
            with open(entry, "w", encoding="utf-8") as file:
                file.write('{"add":{"path":"x.parquet","partitionVal')
            expect(page.locator("#feed-words")).to_contain_text("its log is damaged")
            judge("a damaged log is told on the page", page.locator("#feed").get_attribute("data-level") == "critical")
            status, words = get(server.url, "/readyz")
            judge("and by /readyz", status == 503 and b"damaged" in words, f"{status} {words}")
            judge("what was there still shows", page.locator(".tile").count() == 2)
            self.picture(page, "log-damaged")
            os.remove(entry)
            table.add([("well", [63, *HEALTHY[1:]])])
            expect(page.locator(".tile[data-name=well] .value").first).to_have_text("63")
            expect(page.locator("#feed-words")).to_have_text("Live")
            judge("mended, it goes on", True)
        finally:
            page.close()
            server.end()

    def clocks(self):
        """Readings from the future and from long ago."""
        table = Table(str(self.folder()))
        now = datetime.datetime.now(datetime.UTC)
        table.add([("well", HEALTHY)])
        server = self.start(table.path)
        page = self.page()
        try:
            page.goto(server.url)
            expect(page.locator(".tile")).to_have_count(1)
            far = datetime.datetime(2226, 1, 1, tzinfo=datetime.UTC)
            table.add_at([
                ("future", HEALTHY, now + datetime.timedelta(hours=5)), ("far", HEALTHY, far),
                ("old", HEALTHY, now - datetime.timedelta(days=400)),
                ("ancient", HEALTHY, datetime.datetime(1969, 1, 1, tzinfo=datetime.UTC)), ("well", HEALTHY, now),
            ])  # fmt: skip
            expect(page.locator(".tile")).to_have_count(5)
            expect(page.locator("#feed-words")).to_contain_text("a clock is ahead")
            judge("a clock that is ahead is told in a sentence", "2 patients" in page.inner_text("#feed-words"))
            notes = {
                name: page.locator(f".tile[data-name={name}] .clock").inner_text()
                for name in ("future", "far", "old", "ancient", "well")
            }
            judge(
                "and at the patient whose clock is wrong",
                "ahead by 4 h" in notes["future"]
                and "ahead" in notes["far"]
                and "400 days" in notes["old"]
                and "days" in notes["ancient"]
                and notes["well"] == "",
                str(notes),
            )
            ages = page.locator(".age time").all_inner_texts()
            judge("no age is nonsense", all(re.fullmatch(r"\d+(\.\d)? s", age) for age in ages), str(ages))
            self.picture(page, "clocks")
            # What claimed to be of the year 2226 must not pass for the newest for two hundred years.
            table.add([("far", SHOCKED)])
            expect(page.locator(".tile[data-name=far] .value").first).to_have_text("140")
            judge("a reading from the future hides none that comes after it", True)
            table.add([("future", HEALTHY), ("far", HEALTHY)])
            expect(page.locator("#feed-words")).not_to_contain_text("ahead")
            judge("once clocks are right the sentence goes", True)
            for path in ["/alarms", page.locator(".tile[data-name=ancient] a").get_attribute("href")]:
                judge(f"{path[:9]} shows too", get(server.url, path)[0] == 200)
            judge("the server goes on", is_alive(server))
        finally:
            page.close()
            server.end()

    def restart(self):
        """A server that is started anew under open pages."""
        table = self.table()
        state = self.folder()
        server = self.start(table.path, state=state)
        ward, patient = self.page(), self.page()
        try:
            ward.goto(server.url)
            patient.goto(server.url + ward.locator(".tile[data-name=well] a").get_attribute("href"))
            expect(patient.locator(".tile")).to_have_count(1)
            judge("SIGTERM ends a server with open pages at once", server.end() == 0)
            for page in (ward, patient):
                expect(page.locator("#feed-words")).to_contain_text("No connection")
            judge("open pages say that the server is away", True)
            self.picture(ward, "server-away")
            table.add([("well", [67, *HEALTHY[1:]]), ("new", HEALTHY)])
            server = self.start(table.path, port=server.port, state=state)
            expect(ward.locator(".tile")).to_have_count(3)
            for page in (ward, patient):
                first = page.locator(".tile[data-name=well] .value").first
                expect(first).to_have_text("67")
                expect(page.locator("#feed-words")).to_have_text("Live")
            judge("and come back by themselves, with what happened meanwhile", True)
            table.add([("well", [68, *HEALTHY[1:]])])
            for page in (ward, patient):
                expect(page.locator(".tile[data-name=well] .value").first).to_have_text("68")
            judge("and are live again", True)
        finally:
            ward.close()
            patient.close()
            server.end()

    def hdfs(self):
        """A real HDFS whose NameNode dies: the page says so, the spool shows meanwhile, and it comes back."""
        if not self.arguments.hdfs_instance:
            return skip("HDFS: none was started")
        hdfs = Hdfs(self.arguments.hdfs_instance, f"hostile-{os.getpid()}")
        folder = self.folder()
        folder.mkdir()
        command = self.arguments.bin
        table, spool = hdfs.location("vitals"), folder / "spool"
        broker = subprocess.Popen(
            [f"{command}/kafka-dev-broker", "--topic", "vitals:2"], stdout=subprocess.PIPE, text=True
        )
        source = ["--bootstrap-servers", broker.stdout.readline().split()[-1], "--topic", "vitals"]
        others = [
            subprocess.Popen([f"{command}/vitals-sink", *source, "--group-id", "hostile", "--table", table, "--spool",
                              spool, "--flush-seconds", "1", "--outage-seconds", "2", "--log-level", "error"]),
            subprocess.Popen([f"{command}/vitals-producer", *source, "--patients", "5"], stderr=subprocess.DEVNULL),
        ]  # fmt: skip
        server = self.start(table, "--spool", spool)
        page = self.page()
        try:
            page.goto(server.url)
            expect(page.locator(".tile")).to_have_count(5)
            expect(page.locator("#feed-words")).to_have_text("Live")
            judge("a table on HDFS shows", True)
            hdfs.control("kill-namenode")
            expect(page.locator("#feed-words")).to_contain_text("does not answer", timeout=60_000)
            judge("HDFS away is told on the page", page.locator("#feed").get_attribute("data-level") == "critical")
            wait_for(lambda: gauge(server, "spool_files") > 0, "the spool", 60)
            before = page.locator(".taken").first.get_attribute("data-newest")
            page.wait_for_function(
                "before => [...document.querySelectorAll('.taken')].every((e) => Number(e.dataset.newest) > before)",
                arg=int(before), timeout=60_000,
            )  # fmt: skip
            judge("readings of the spool show meanwhile", page.inner_text("#feed-spool") != "0")
            judge("nobody is called silent for it", page.locator(".tile[data-level=stale]").count() == 0)
            self.picture(page, "hdfs-away")
            hdfs.control("start-namenode")
            expect(page.locator("#feed-words")).to_have_text("Live", timeout=90_000)
            judge("it comes back by itself", True)
            wait_for(lambda: gauge(server, "spool_files") == 0, "the spool to be brought home", 90)
            judge("and the spool is brought home", True)
            judge("the server goes on", is_alive(server))
        finally:
            page.close()
            server.end()
            for process in [*others, broker]:
                process.kill()
                process.wait()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--hdfs-instance", default="")
    parser.add_argument("--screenshots", required=True)
    parser.add_argument("--only", choices=PARTS, action="append")
    arguments = parser.parse_args()
    os.makedirs(arguments.screenshots, exist_ok=True)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    # Time enough for a machine that has other work too: no time decides a check.
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        check = Check(arguments, browser)
        for part in arguments.only or PARTS:
            try:
                getattr(check, part)()
            except Exception as error:  # noqa: BLE001
                judge(f"{part} went through", False, repr(error)[:1500])
        browser.close()
    finish()


main()
