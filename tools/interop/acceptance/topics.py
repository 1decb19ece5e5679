"""Several topics in one process, folders by hour, metrics, dead letters sent again, and a schema that grows."""

import json
import re
import signal
import time
import urllib.error
import urllib.request

import confluent_kafka

import tables
from faults import free_port
from landing import Load
from processes import check, check_equal, wait_until

LABS = {
    "type": "record", "name": "Lab", "eventTime": "taken", "fields": [
        {"name": "patient_id", "type": "string"},
        {"name": "taken", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "lactate", "type": ["null", "double"], "default": None, "limits": [0, 10]},
    ],
}  # fmt: skip


def send(scene, topic, records):
    producer = confluent_kafka.Producer({"bootstrap.servers": scene.bootstrap})
    for record in records:
        producer.produce(topic, json.dumps(record).encode(), headers={"unit": "mmol/L"})
    check_equal(producer.flush(60), 0, "records that the broker did not take")


def answer(port, path):
    """The status and the text of an answer of the sink."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}{path}", timeout=10) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def metric(text, name, **labels):
    """The sum of a metric's values over all series that have these labels."""
    total = 0
    for line in text.splitlines():
        match = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
        if match and match[1] == name:
            found = dict(re.findall(r'(\w+)="([^"]*)"', match[2] or ""))
            if labels.items() <= found.items():
                total += float(match[3])
    return total


def topics(scene):
    """Two topics by one process; then the second one's schema grows, and its dead letters are sent again."""
    scene.start_broker("--topic", "labs:2")
    load = Load(scene)
    load.produce().expect_exit()
    taken = 1_000 * int(time.time()) - 3_600_000
    labs = [{"patient_id": f"P{n}", "taken": taken - n * 60_000, "lactate": n % 12} for n in range(600)]
    send(scene, "labs", labs)
    schema = scene.folder / "labs.avsc"
    schema.write_text(json.dumps(LABS))
    port = free_port()
    labs_route = f"topic=labs,table={scene.hdfs.location('labs')},schema={schema},spool={scene.folder / 'labs-spool'}"
    sink = scene.sink(
        scene.hdfs.location("vitals"), "--also", labs_route, "--partition-by", "date,hour", "--metrics-port", port,
        "--flush-seconds", 1,
    )  # fmt: skip
    rows = load.expected_rows()
    wait_until(lambda: answer(port, "/healthz")[0] == 200, 30, "an answer to /healthz")
    out_of_limits = sum(record["lactate"] > 10 for record in labs)
    wait_until(
        lambda: metric(answer(port, "/metrics")[1], "vitals_sink_records_total") == rows.total() + 600 - out_of_limits,
        120, "all records in the metrics",
    )  # fmt: skip
    wait_until(lambda: answer(port, "/readyz") == (200, "ready\n"), 30, "readiness")
    text = answer(port, "/metrics")[1]
    check_equal(metric(text, "vitals_sink_lag_records"), 0, "lag in records")
    check_equal(metric(text, "vitals_sink_partition_state", state="normal"), scene.partitions + 2, "normal partitions")
    letters = metric(text, "vitals_sink_dead_letters_total", topic="labs")
    check_equal(letters, out_of_limits, "dead letters in the metrics")
    check("P1" not in text, "the metrics name a patient")
    sink.send(signal.SIGTERM)
    sink.expect_exit()

    folder = scene.hdfs.copy("vitals", scene.folder / "copy")
    table = tables.read(folder)
    tables.check_same_rows(tables.rows_of(table), rows)
    for file in tables.active_files(folder):
        check(re.search(r"/date=\d{4}-\d\d-\d\d/hour=\d+/", file), f"{file} is not in a folder of a day and an hour")
    grow(scene, schema, labs_route, out_of_limits)


def grow(scene, schema, route, out_of_limits):
    """The limits were wrong and a field is new: the table gets its column, and the dead letters become rows."""
    grown = json.loads(json.dumps(LABS))
    grown["fields"][2]["limits"] = [0, 30]
    grown["fields"].append({"name": "device", "type": ["null", "string"], "default": None})
    schema.write_text(json.dumps(grown))
    scene.run(
        "vitals-producer", "--bootstrap-servers", scene.bootstrap, "--topic", "labs", "--replay-dead-letters",
        scene.hdfs.location("labs_dead_letters"), "--reason", "out-of-limits",
    ).expect_exit()  # fmt: skip
    send(scene, "labs", [{"patient_id": "P1", "taken": 1_000 * int(time.time()), "device": "d1"}])
    location = dict(part.split("=", 1) for part in route.split(","))
    scene.run(
        "vitals-sink", "--bootstrap-servers", scene.bootstrap, "--topic", "labs", "--group-id", "labs-again",
        "--table", location["table"], "--schema", schema, "--spool", location["spool"], "--partition-by", "date,hour",
        "--until-end",
    ).expect_exit()  # fmt: skip
    table = tables.read(scene.hdfs.copy("labs", scene.folder / "labs-copy"))
    check_equal(table.num_rows, 601, "rows of labs after the dead letters were sent again")
    devices = table["device"].to_pylist() if "device" in table.column_names else []
    check_equal(devices.count("d1"), 1, "rows with the new column")
    check_equal(sum(value is not None and value > 10 for value in table["lactate"].to_pylist()), out_of_limits,
                "rows above the old limit")  # fmt: skip
    letters = tables.read(scene.hdfs.copy("labs_dead_letters", scene.folder / "labs-letters"))
    check_equal(letters.num_rows, out_of_limits, "dead letters, which stay as they are")
