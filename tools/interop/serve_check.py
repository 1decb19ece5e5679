"""Checks vitals-serve with other people's clients: serve_check.py --bin FOLDER [--seconds N]."""

import argparse
import concurrent.futures
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time

import requests
from checks import finish, judge

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
EXAMPLE = {
    "pregnancies": 2, "glucose": 138, "blood_pressure": 62, "skin_thickness": 35, "insulin": 0, "bmi": 33.6,
    "diabetes_pedigree_function": 0.127, "age": 47,
}  # fmt: skip


def train(arguments, folder, seed):
    """A model of the synthetic data."""
    command = [
        f"{arguments.bin}/vitals-train", "fit", "--data", f"{ROOT}/data/diabetes-synthetic.csv", "--out", folder,
        "--trees", "100", "--cv", "3x1", "--seed", str(seed),
    ]  # fmt: skip
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def serve(arguments, models, *options):
    """The command of a server on a free port."""
    named = [word for model in models for word in ("--model", model)]
    return [f"{arguments.bin}/vitals-serve", "--port", "0", "--log-format", "json", *options, *named]


class Server:
    """vitals-serve on a free port."""

    def __init__(self, arguments, models, *options):
        command = serve(arguments, models, *options)
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self.lines = []
        for line in self.process.stderr:
            self.lines.append(line)
            found = re.search(r"https?://127\.0\.0\.1:(\d+)", line)
            if found:
                break
        else:
            sys.exit(f"vitals-serve did not begin: {''.join(self.lines)}")
        self.url, self.port = found.group(0), int(found.group(1))

    def is_alive(self):
        return self.process.poll() is None

    def memory(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            return int(re.search(r"VmHWM:\s+(\d+) kB", file.read()).group(1)) / 1024

    def end(self):
        """Ends it as an administrator would; gives the exit status and the seconds it took."""
        start = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        return status, time.monotonic() - start


def check_promises(server):
    """The answers of the requirements, by requests and by curl."""
    health = requests.get(f"{server.url}/health", timeout=10)
    judge("GET /health answers as promised", health.json() == {"status": "healthy"}, health.text)
    answer = requests.post(f"{server.url}/predict", json=EXAMPLE, timeout=10)
    body = answer.json()
    level = "Low" if body["probability"] < 0.4 else "Moderate" if body["probability"] < 0.7 else "High"
    judge(
        "POST /predict answers the example with prediction, probability, risk level and message",
        answer.status_code == 200
        and set(body) == {"prediction", "probability", "risk_level", "message", "missing"}
        and body["prediction"] == int(body["probability"] >= 0.5)
        and body["risk_level"] == level
        and level in body["message"]
        and body["missing"] == ["insulin"],
        answer.text,
    )
    command = ["curl", "--noproxy", "*", "-s", "-H", "Content-Type: application/json", "-d", json.dumps(EXAMPLE)]
    by_curl = subprocess.run([*command, f"{server.url}/predict"], capture_output=True, text=True, check=True).stdout
    judge("curl gets the same answer", json.loads(by_curl) == body, by_curl)
    explained = requests.post(f"{server.url}/explain", json=EXAMPLE, timeout=10).json()
    total = explained["base_value"] + sum(part["shap"] for part in explained["shap"])
    judge("the explanation adds up", abs(total - explained["forest_probability"]) < 1e-9, str(explained))
    many = requests.post(f"{server.url}/predict/batch", json=[EXAMPLE] * 1000, timeout=30).json()["predictions"]
    judge("1,000 patients at once get the same answer each", many == [body] * 1000)
    head = requests.head(f"{server.url}/model", timeout=10)
    judge("HEAD is answered without a body", head.status_code == 200 and head.content == b"", str(head.status_code))
    page = requests.get(f"{server.url}/docs", timeout=10).text
    judge("/docs is a page", "<h1>vitals-serve</h1>" in page and "glucose" in page)


def check_schemathesis(server, folder):
    command = [
        os.path.join(os.path.dirname(sys.executable), "schemathesis"), "run", f"{server.url}/openapi.json",
        "--max-examples", "60", "--seed", "7", "--no-color",
    ]  # fmt: skip
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder, timeout=900)
    said = (done.stdout[-4000:] + done.stderr[-2000:]).strip()
    judge("schemathesis finds no violation", done.returncode == 0, "\n" + said)


def check_bad_clients(server):
    """Bodies of ten megabytes, a thousand idle connections, clients that trickle, and clients that go away."""
    for kind, data in [("of one patient", b" " * (10 << 20)), ("in parts", iter([b" " * (1 << 20)] * 10))]:
        try:
            status = requests.post(
                f"{server.url}/predict", data=data, headers={"Content-Type": "application/json"}, timeout=20
            ).status_code
        except requests.ConnectionError:
            status = 413  # closed while it was still sent
        judge(f"a body of 10 MB {kind} is refused", status == 413, str(status))
    idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(1000)]
    trickling = []
    for connection in [socket.create_connection(("127.0.0.1", server.port)) for _ in range(50)]:
        connection.sendall(b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
        trickling.append(connection)
    start = time.monotonic()
    answers = [requests.post(f"{server.url}/predict", json=EXAMPLE, timeout=10).status_code for _ in range(100)]
    seconds = time.monotonic() - start
    judge(
        "1,000 idle and 50 trickling connections starve nobody",
        answers == [200] * 100 and seconds < 20,
        f"{answers} in {seconds} s",
    )
    for _ in range(100):
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(
                b"POST /predict HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
            )
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(os.urandom(4096))
        connection.settimeout(20)
        try:
            connection.recv(4096)
        except (ConnectionError, TimeoutError):
            pass
    judge("clients that go away or talk nonsense do no harm", requests.get(f"{server.url}/health", timeout=10).ok)
    closed = 0
    for connection in idle:
        connection.settimeout(30)
        try:
            closed += connection.recv(1) == b""
        except ConnectionError:
            closed += 1
    judge("idle connections are let go", closed == len(idle), str(closed))
    for connection in idle + trickling:
        connection.close()
    judge("it lives, below 100 MB", server.is_alive() and server.memory() < 100, f"{server.memory():.0f} MB")


def check_swaps(server, folder, models, seconds, rate):
    """A steady load while the link to the model is turned ten times."""
    expected = {}
    for model in models:
        turn(folder, model)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            answer = requests.post(f"{server.url}/predict", json=EXAMPLE, timeout=10)
            version = answer.headers["model-version"]
            if version not in expected:
                expected[version] = answer.content
                break
            time.sleep(0.1)
    judge("a model whose link is turned is taken over", len(expected) == len(models), str(expected))
    end = time.monotonic() + seconds
    workers = 16

    def load(worker):
        client, wrong, versions, late = KeptClient(server.port), [], [], 0
        due = time.monotonic() + worker / rate
        while due < end:
            late = max(late, time.monotonic() - due)
            time.sleep(max(0, due - time.monotonic()))
            due += workers / rate
            status, version, body = client.ask()
            if status != 200 or expected.get(version) != body:
                wrong.append((status, body))
            versions.append(version)
        return wrong, versions, late

    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        loads = [pool.submit(load, worker) for worker in range(workers)]
        for swap in range(10):
            time.sleep(seconds / 11)
            turn(folder, models[swap % len(models)])
        results = [each.result() for each in loads]
    wrong = [text for part, _, _ in results for text in part]
    versions = [version for _, part, _ in results for version in part]
    print(f"      {len(versions) / seconds:.0f} requests/s, {max(late for _, _, late in results):.2f} s late at most")
    judge(
        f"{rate} requests/s for {seconds} s while the model is swapped ten times: none fails, none is mixed",
        not wrong and set(versions) == set(expected) and len(versions) >= seconds * rate * 0.99,
        f"{len(versions)} answers, {wrong[:3]}",
    )


class KeptClient:
    """One connection that is kept, and as little work for each request as can be."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.file = self.socket.makefile("rb")
        body = json.dumps(EXAMPLE).encode()
        self.request = (
            b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            % (len(body), body)
        )

    def ask(self):
        """Status, version of the model, body."""
        self.socket.sendall(self.request)
        status = int(self.file.readline().split()[1])
        headers = {}
        while (line := self.file.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            headers[name.lower()] = value.strip()
        body = self.file.read(int(headers[b"content-length"]))
        return status, headers.get(b"model-version", b"").decode(), body


def turn(folder, model):
    """Turns the link to a model in one step."""
    os.symlink(model, f"{folder}/new")
    os.rename(f"{folder}/new", f"{folder}/current")


def make_certificate(folder, name):
    """A certificate of its own for 127.0.0.1, and its key."""
    paths = f"{folder}/{name}.pem", f"{folder}/{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-out", paths[0], "-keyout", paths[1]],
        check=True, capture_output=True)  # fmt: skip
    return paths


def presents(port, path):
    """Whether a new connection is met with the certificate of a file."""
    with open(path) as file:
        return ssl.get_server_certificate(("127.0.0.1", port), timeout=10).strip() == file.read().strip()


def check_tls(arguments, folder, model):
    """TLS: trusted clients get answers, a renewed certificate is taken over, and what is wrong is told at the start."""
    first, second = make_certificate(folder, "first"), make_certificate(folder, "second")
    used = f"{folder}/used.pem", f"{folder}/used.key"
    for source, target in zip(first, used):
        shutil.copy(source, target)
    server = Server(arguments, [model], "--tls-certificate", used[0], "--tls-key", used[1], "--patience", "2")
    try:
        judge("the address says that it is TLS", server.url.startswith("https://"), server.url)
        session = requests.Session()
        # The environment may name other authorities, which would go before ours.
        session.trust_env, session.verify = False, first[0]
        answers = [session.post(f"{server.url}/predict", json=EXAMPLE, timeout=10).status_code for _ in range(50)]
        judge("a client that trusts the certificate gets answers", answers == [200] * 50, str(answers))
        many = session.post(f"{server.url}/predict/batch", json=[EXAMPLE] * 5000, timeout=30).json()["predictions"]
        judge("large bodies come and go over TLS", len(many) == 5000)
        try:
            requests.get(f"{server.url}/health", timeout=10)
            judge("a client that does not trust it goes away", False)
        except requests.exceptions.SSLError:
            judge("a client that does not trust it goes away", True)
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=10) as plain:
                old.wrap_socket(plain)
            judge("TLS 1.1 is refused", False)
        except (ssl.SSLError, OSError):
            judge("TLS 1.1 is refused", True)
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as silent:
            with socket.create_connection(("127.0.0.1", server.port), timeout=20) as plain:
                plain.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
                said = plain.recv(4096)
            judge("a request in the clear gets no answer", b"healthy" not in said, str(said))
            judge("a connection that does not shake hands is let go", silent.recv(1) == b"")

        def ask():
            # More often than the patience of the server ends, so that the connection stays.
            time.sleep(0.5)
            return session.post(f"{server.url}/predict", json=EXAMPLE, timeout=10).status_code

        session.get(f"{server.url}/health", timeout=10)
        with open(used[1], "w") as file:
            file.write("no key")
        answers = [ask() for _ in range(12)]
        judge("a file that is no key changes nothing", answers == [200] * 12 and presents(server.port, first[0]))
        for source, target in zip(second, used):
            shutil.copy(source, f"{target}.new")
            os.replace(f"{target}.new", target)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not presents(server.port, second[0]):
            ask()
        judge("a renewed certificate is taken over", presents(server.port, second[0]))
        # It trusts the first certificate alone, so a new connection would fail.
        judge("a connection of before goes on", ask() == 200)
    finally:
        status, _ = server.end()
    judge("SIGTERM ends it", status == 0, str(status))
    for name, options, word in [
        ("a key of another certificate", ["--tls-certificate", first[0], "--tls-key", second[1]], "belong together"),
        ("no such file", ["--tls-certificate", f"{folder}/none.pem", "--tls-key", first[1]], "none.pem"),
        ("a certificate without a key", ["--tls-certificate", first[0]], "--tls-key"),
    ]:
        done = subprocess.run(
            serve(arguments, [model], *options), capture_output=True, text=True, timeout=60, check=False
        )
        judge(f"{name} is told at the start", done.returncode != 0 and word in done.stderr, done.stderr[-300:])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rate", type=int, default=1000)
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="vitals-serve-")
    server = None
    try:
        models = [f"{folder}/model-{seed}" for seed in (1, 2)]
        for seed, model in zip((1, 2), models):
            train(arguments, model, seed)
        turn(folder, models[0])
        server = Server(arguments, [f"{folder}/current"], "--patience", "5")
        check_promises(server)
        check_schemathesis(server, folder)
        check_bad_clients(server)
        check_swaps(server, folder, models, arguments.seconds, arguments.rate)
        status, seconds = server.end()
        judge("SIGTERM ends it at once and cleanly", status == 0 and seconds < 5, f"status {status}, {seconds:.1f} s")
        check_tls(arguments, folder, models[0])
    finally:
        if server is not None and server.is_alive():
            server.process.kill()
        shutil.rmtree(folder, ignore_errors=True)
    finish()


main()
