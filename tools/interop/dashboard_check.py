"""Looks at vitals-dashboard with a browser: dashboard_check.py --bin FOLDER --screenshots FOLDER."""

import argparse
import datetime
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import urllib.request

from axe_playwright_python.sync_playwright import Axe
from checks import finish, judge
from dashboard_parts import HEALTHY, RAISED, SHOCKED, Process, Table, get, wait_for, ward_keys
from dashboard_receivers import MailServer, Webhook
from playwright.sync_api import expect, sync_playwright

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
HOSTILE = [
    "<script>document.title='taken'</script>",
    '"><img src=x onerror="document.title=\'taken\'">',
    "'; DROP TABLE x; --",
]


class Check:
    def __init__(self, arguments, folder, browser):
        self.arguments, self.folder, self.browser = arguments, folder, browser
        self.table = Table(f"{folder}/vitals")
        self.model = None
        self.server = None
        self.errors = []

    def start(self, *options):
        return Process(
            [f"{self.arguments.bin}/vitals-dashboard", "--port", "0", "--flush-seconds", "1", *options]
        )  # fmt: skip

    def page(self, **options):
        context = self.browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        context.add_init_script("localStorage.setItem('vitals-every', '1')")
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        return page

    def picture(self, page, name):
        page.screenshot(path=f"{self.arguments.screenshots}/{name}.png", full_page=True)

    def accessible(self, page, name):
        found = Axe().run(page)
        wanted = {"tags": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
        violations = [rule for rule in found.response["violations"] if set(rule["tags"]) & set(wanted["tags"])]
        said = "; ".join(
            f"{rule['id']}: {rule['nodes'][0]['html'][:160]} {rule['nodes'][0].get('failureSummary', '')[:200]}"
            for rule in violations
        )
        judge(f"axe finds nothing on {name}", not violations, said)

    def tile(self, page, name):
        return page.locator(f".tile[data-name={json.dumps(name)}]")

    # What is looked at.

    def ward(self, page):
        page.goto(self.server.url)
        judge("without a table the page says so", "no table yet" in page.locator("#feed-words").inner_text())
        start = self.table.add([("well", HEALTHY), ("fast", RAISED), ("shocked", SHOCKED)])
        expect(self.tile(page, "shocked")).to_be_visible()
        print(f"      commit to a new tile: {(time.monotonic() - start) * 1000:.0f} ms")
        judge("a patient shows without a reload", True)
        levels = [self.tile(page, name).get_attribute("data-level") for name in ("well", "fast", "shocked")]
        judge(
            "tiles are green, yellow and red by their values", levels == ["normal", "raised", "critical"], str(levels)
        )
        shapes = self.tile(page, "shocked").locator(".shape").all_inner_texts()
        judge("a shape stands beside every colour", shapes[:2] == ["■▲", "■▼"], str(shapes))
        colours = {
            name: self.tile(page, name).locator(".shape").first.evaluate("e => getComputedStyle(e).color")
            for name in ("well", "fast", "shocked")
        }
        judge("the colours differ", len(set(colours.values())) == 3, str(colours))
        news = self.tile(page, "shocked").locator(".news").inner_text()
        note = self.tile(page, "shocked").locator(".note").inner_text()
        judge("NEWS2 is shown, and that it is partial", news == "12" and note == "partial, 5 of 7", f"{news} {note}")
        expect(page.locator(".tile").first).to_have_attribute("data-name", "shocked")
        judge("the most urgent stands first", True)
        delays = []
        for value in (75, 76, 77):
            time.sleep(1.2)
            start = self.table.add([("well", [value, *HEALTHY[1:]]), ("shocked", SHOCKED)])
            expect(self.tile(page, "well").locator(".value").first).to_have_text(str(value))
            delays.append(time.monotonic() - start)
        print(f"      commit to screen: {', '.join(f'{delay * 1000:.0f} ms' for delay in delays)}")
        judge("an update shows without a reload", len(delays) == 3)
        self.picture(page, "ward-light")
        self.accessible(page, "the ward")

    def stale(self, page):
        for _ in range(4):
            time.sleep(1)
            self.table.add([("well", HEALTHY), ("shocked", SHOCKED)])
        expect(self.tile(page, "fast")).to_have_attribute("data-level", "stale")
        said = self.tile(page, "fast").locator(".state").inner_text()
        judge("who is silent for two flushes is stale, in words too", said.lower() == "stale", said)
        judge("who speaks is not", self.tile(page, "well").get_attribute("data-level") != "stale")
        self.picture(page, "ward-stale")

    def tools(self, page):
        page.fill("#find", "SHO")
        shown = page.locator(".tile:visible").count()
        judge("search finds a patient", shown == 1, str(shown))
        page.fill("#find", "")
        page.select_option("#show", "critical")
        shown = [tile.get_attribute("data-name") for tile in page.locator(".tile:visible").all()]
        judge("the filter shows whom it names", shown == ["shocked"], str(shown))
        page.select_option("#show", "")
        page.click("#hold")
        self.table.add([("well", [99, *HEALTHY[1:]])])
        time.sleep(1.5)
        kept = self.tile(page, "well").locator(".value").first.inner_text()
        judge(
            "a paused page stands still, and says so",
            kept != "99" and "Paused" in page.inner_text("#feed-words"),
            kept,
        )
        page.click("#hold")
        expect(self.tile(page, "well").locator(".value").first).to_have_text("99")
        judge("it goes on from where it was", True)

    def patient(self, page):
        for minute in (12, 11, 10, 5, 4, 3):
            self.table.add([("shocked", [120 + minute, *SHOCKED[1:]])], seconds_ago=minute * 60)
        self.table.add([("shocked", SHOCKED)])
        self.tile(page, "shocked").locator("a").click()
        page.wait_for_url("**/patients/*")
        judge(
            "the address has a key and no name",
            "shocked" not in page.url and re.search(r"/patients/[a-z2-7]{26}$", page.url) is not None,
            page.url,
        )
        expect(page.locator(".trend svg").first).to_be_visible()
        charts = page.locator(".trend svg").count()
        judge(
            "trends are drawn, with bands of the ranges",
            charts == 7 and page.locator(".band.normal").count() >= 6,
            str(charts),
        )
        line = page.locator(".trend .line").first.get_attribute("d")
        judge("a gap is a gap", line.count("M") >= 2, line)
        times = page.locator("tbody th time").all_inner_texts()
        judge(
            "the last readings stand newest first", len(times) > 5 and times == sorted(times, reverse=True), str(times)
        )
        with page.expect_download() as download:
            page.click("text=Download as CSV")
        csv = open(download.value.path(), encoding="utf-8").read().splitlines()
        judge(
            "they come as CSV too",
            csv[0].startswith("patient_id,event_time,heart_rate") and len(csv) > 5,
            str(csv[:2]),
        )
        self.table.add([("shocked", [151, *SHOCKED[1:]])])
        expect(page.locator(".tile .value").first).to_have_text("151")
        judge("the page of a patient is live too", True)
        page.click("text=last readings")
        expect(page.locator(".spans [aria-current]")).to_have_text("last readings")
        self.picture(page, "patient")
        self.accessible(page, "a patient")

    def alarms(self, page):
        page.goto(f"{self.server.url}/alarms")
        row = page.locator("tr[data-priority=high]", has_text="NEWS2").first
        expect(row).to_be_visible()
        judge("alarms have a priority in words and marks", "!!!" in row.inner_text() and "high" in row.inner_text())
        low = page.locator("tr[data-priority=low]", has_text="No readings").count()
        judge("silence is a technical alarm of its own", low >= 1, str(low))
        self.picture(page, "alarms")
        self.accessible(page, "the alarms")
        page.click("#pause")
        expect(page.locator("[data-countdown]")).to_be_visible()
        first = page.locator("[data-countdown]").inner_text()
        time.sleep(2.2)
        later = page.locator("[data-countdown]").inner_text()
        judge("a pause counts down", int(later.split()[0]) < int(first.split()[0]), f"{first} {later}")
        page.click("#resume")
        expect(page.locator("#pause")).to_be_visible()
        judge("a pause ends by hand", True)
        self.table.add([("shocked", HEALTHY)])
        row = page.locator("tbody tr", has_text="NEWS2").first
        expect(row).to_contain_text("over, not acknowledged")
        judge("high priority latches until somebody has seen it", True)
        before = page.locator("form[action='/alarms/acknowledge']").count()
        row.locator("button").focus()
        page.keyboard.press("Enter")
        expect(page.locator("form[action='/alarms/acknowledge']")).to_have_count(before - 1)
        judge(
            "it is acknowledged by keyboard, and goes to the history",
            "by anybody" in page.locator("table.alarms").last.inner_text(),
        )

    def risk(self, page):
        page.goto(f"{self.server.url}/risk")
        judge("the form opens with the example", page.input_value("#f-glucose") == "138")
        page.click("#judge")
        expect(page.locator("#result")).to_be_visible()
        band = page.inner_text("#band")
        judge(
            "probability, band and confidence show",
            re.match(r"\d+\.\d %", page.inner_text("#probability")) is not None
            and band in ("Low", "Moderate", "High")
            and "trees" in page.inner_text("#confidence"),
            band,
        )
        up = page.locator(".push.up").first.evaluate("e => getComputedStyle(e).backgroundColor")
        down = page.locator(".push.down").first.evaluate("e => getComputedStyle(e).backgroundColor")

        def parts(colour):
            return [int(part) for part in re.findall(r"\d+", colour)]

        judge(
            "bars are red up and blue down, with numbers",
            parts(up)[0] > parts(up)[2]
            and parts(down)[2] > parts(down)[0]
            and page.locator(".bars .number").count() == 8,
            f"{up} {down}",
        )
        before = page.inner_text("#after")
        page.locator("#slide").evaluate("e => { e.value = e.max; e.dispatchEvent(new Event('input')); }")
        page.wait_for_function("before => document.getElementById('after').textContent !== before", arg=before)
        judge("the slider updates the risk at once", page.inner_text("#after") != before)
        self.picture(page, "risk")
        self.accessible(page, "the risk form")
        page.fill("#f-glucose", "9000")
        page.click("#judge")
        judge("a value out of range is told", "out of range" in page.inner_text("#risk-state"))
        page.fill("#f-glucose", "138")
        self.model.end()
        page.click("#judge")
        expect(page.locator("#risk-state")).to_contain_text("does not answer")
        page.goto(f"{self.server.url}/risk")
        judge(
            "without the model server the page says so, and how to go on", "does not answer" in page.inner_text("main")
        )
        self.picture(page, "risk-away")
        self.accessible(page, "the risk form without its server")

    def looks(self):
        page = self.page(color_scheme="dark")
        page.goto(self.server.url)
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        judge("dark is dark", sum(int(part) for part in re.findall(r"\d+", ground)[:3]) < 120, ground)
        self.picture(page, "ward-dark")
        self.accessible(page, "the ward in the dark")
        page.emulate_media(media="print", color_scheme="light")
        ink = page.evaluate("getComputedStyle(document.querySelector('.alarm[data-priority=high]')).color")
        judge("alarms are printed in ink", ink == "rgb(0, 0, 0)" and not page.locator("#tools").is_visible(), ink)
        self.picture(page, "ward-print")
        page.emulate_media(media="screen", color_scheme="dark")
        page.goto(f"{self.server.url}/alarms")
        self.accessible(page, "the alarms in the dark")
        page.context.close()
        page = self.page(is_mobile=True, has_touch=True)
        page.set_viewport_size({"width": 390, "height": 844})
        for path, name in [("/", "ward"), ("/alarms", "alarms"), ("/risk", "risk")]:
            page.goto(self.server.url + path)
            wide = page.evaluate("document.documentElement.scrollWidth")
            judge(f"{path} fits a phone", wide <= 390, f"{wide} pixels")
            self.picture(page, f"phone-{name}")
        page.context.close()

    def keyboard(self):
        page = self.page()
        page.goto(self.server.url)
        page.keyboard.press("Tab")
        judge("the first stop skips to the content", page.evaluate("document.activeElement.className") == "skip")
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.closest('.tile') !== null"):
                break
        name = page.evaluate("document.activeElement.textContent")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        judge(
            "the keyboard reaches a patient, and shows where it is",
            bool(name) and outline == "solid",
            f"{name} {outline}",
        )
        page.keyboard.press("Enter")
        page.wait_for_url("**/patients/*")
        judge("and opens the patient", True)
        page.context.close()

    def hostile(self, page):
        self.table.add([(name, SHOCKED) for name in HOSTILE])
        page.goto(self.server.url)
        expect(self.tile(page, HOSTILE[2])).to_be_visible()
        names = page.locator(".tile h2 a").all_inner_texts()
        judge(
            "hostile names show as they are written", all(name[:30] in " ".join(names) for name in HOSTILE), str(names)
        )
        page.goto(f"{self.server.url}/alarms")
        judge("and do nothing", page.title() != "taken" and page.locator("img").count() == 0)

    def damage(self, page):
        page.goto(self.server.url)
        self.table.add([("well", HEALTHY)])
        newest = max(
            (os.path.join(self.table.path, name) for name in os.listdir(self.table.path) if name.endswith(".parquet")),
            key=os.path.getmtime,
        )
        entry = sorted(os.listdir(f"{self.table.path}/_delta_log"))[-1]
        text = open(f"{self.table.path}/_delta_log/{entry}", encoding="utf-8").read()
        damaged = text.replace(os.path.basename(newest), "damaged.parquet")
        with open(f"{self.table.path}/damaged.parquet", "wb") as file:
            file.write(b"PAR1" + bytes(range(256)) * 4 + b"PAR1")
        number = int(re.match(r"\d+", entry).group(0)) + 1
        with open(f"{self.table.path}/_delta_log/{number:020}.json", "w", encoding="utf-8") as file:
            file.write(damaged)
        time.sleep(1)
        self.table.add([("well", [88, *HEALTHY[1:]])])
        expect(self.tile(page, "well").locator(".value").first).to_have_text("88")
        metrics = urllib.request.urlopen(f"{self.server.url}/metrics", timeout=5).read().decode()
        judge("a damaged file is counted, and stops nothing", "vitals_dashboard_damaged_files 1" in metrics)

    def large(self):
        """A ward of 1,000, all of whom change at every commit."""
        table = Table(f"{self.folder}/large")
        names = [f"P{number:04}" for number in range(1000)]
        table.add([(name, HEALTHY) for name in names])
        server = self.start("--table", table.path, "--state", f"{self.folder}/large-state")
        try:
            page = self.page()
            start = time.monotonic()
            while b">1000 patients<" not in urllib.request.urlopen(server.url, timeout=10).read():
                time.sleep(0.1)
                if time.monotonic() - start > 10:
                    break
            start = time.monotonic()
            size = len(urllib.request.urlopen(server.url, timeout=10).read())
            first = time.monotonic() - start
            page.add_init_script(
                "window.longest = 0; new PerformanceObserver((list) => { for (const task of list.getEntries())"
                " window.longest = Math.max(window.longest, task.duration); }).observe({entryTypes: ['longtask']})"
            )
            page.goto(server.url)
            page.wait_for_selector("#t-none, .tile")
            page.wait_for_timeout(1500)
            page.evaluate("window.longest = 0")
            for round in range(3):
                table.add([(name, [80 + round, *HEALTHY[1:]]) for name in names])
                last = page.locator(".tile .value").first
                expect(last).to_have_text(str(80 + round))
                page.wait_for_timeout(1200)
            longest = page.evaluate("window.longest")
            memory = server.peak()
            print(
                f"      1,000 patients: page {first * 1000:.0f} ms ({size >> 10} KiB), longest task {longest:.0f} ms, "
                f"server {memory:.0f} MB"
            )
            judge("a ward of 1,000 is shown and kept up to date", page.locator(".tile").count() == 1000)
            judge("within 300 MB", memory < 300, f"{memory:.0f} MB")
            self.picture_top(page, "ward-1000")
            page.context.close()
        finally:
            server.end()

    def picture_top(self, page, name):
        page.screenshot(path=f"{self.arguments.screenshots}/{name}.png")

    def login(self):
        token = "a-token-of-the-ward-0123456789"
        with open(f"{self.folder}/tokens", "w", encoding="utf-8") as file:
            file.write(token + "\n")
        server = self.start(
            "--table",
            self.table.path,
            "--token-file",
            f"{self.folder}/tokens",
            "--state",
            f"{self.folder}/login-state",
        )
        try:
            page = self.page()
            page.goto(server.url)
            judge("without a login there is only the login", page.url.endswith("/login"), page.url)
            self.accessible(page, "the login")
            page.fill("#token", "wrong")
            page.keyboard.press("Enter")
            expect(page.locator("[role=alert]")).to_be_visible()
            page.fill("#token", token)
            page.keyboard.press("Enter")
            expect(page.locator(".tile").first).to_be_visible()
            cookie = page.context.cookies()[0]
            judge(
                "a token opens the ward, by a cookie that scripts do not see",
                cookie["httpOnly"] and cookie["sameSite"] == "Strict" and token not in cookie["value"],
                str(cookie),
            )
            page.locator(".tile a").first.click()
            page.wait_for_url("**/patients/*")
            views = [json.loads(line) for line in open(f"{self.folder}/login-state/views.log", encoding="utf-8")]
            judge(
                "who looked at whom is noted by key",
                len(views) == 1
                and views[0]["patient"] in page.url
                and views[0]["who"] != "anybody"
                and views[0]["from"] == "127.0.0.1",
                str(views),
            )
            page.context.close()
            self.errors = [error for error in self.errors if "401" not in error]
        finally:
            server.end()

    def messages(self):
        """Alarms by webhook and mail, to servers that other people wrote."""
        name = "Erika Mustermann"
        table = Table(f"{self.folder}/messages")
        table.add([(name, HEALTHY)])
        hook, mails = Webhook(), MailServer()
        settings = {
            "stale_seconds": 3600,
            "reminder_seconds": 4,
            "notify": {
                "webhook": hook.url,
                "email": {"server": mails.url, "from": "ward@example.org", "to": ["a@example.org", "b@example.org"]},
            },
        }
        with open(f"{self.folder}/settings.json", "w", encoding="utf-8") as file:
            json.dump(settings, file)
        server = self.start(
            "--table", table.path, "--settings", f"{self.folder}/settings.json", "--public-url", "https://ward.example",
            "--state", f"{self.folder}/messages-state",
        )  # fmt: skip
        try:
            page = self.page()
            page.goto(f"{server.url}/alarms")
            page.click("text=Send a test message")
            expect(page.locator("h1")).to_have_text("The test message was taken")
            judge("a test message is told to have been taken", json.loads(hook.messages[0][1])["test"] is True)
            first = mails.mails[0]
            judge(
                "and arrives as a mail, at everybody named",
                first[1] == ["a@example.org", "b@example.org"] and "test" in first[2]["Subject"],
                str(first[:2]),
            )
            del hook.messages[:], mails.mails[:]
            start = time.monotonic()
            for beat in range(4):
                table.add([(name, [140 + beat, *SHOCKED[1:]])])
                time.sleep(0.5)
            wait_for(lambda: hook.alarms() and mails.mails, "an alarm")
            told = [alarm["number"] for _, text in hook.messages for alarm in json.loads(text)["alarms"]]
            alarms = {alarm["number"]: alarm for alarm in hook.alarms()}
            judge(
                "each alarm is told once, however often the values come",
                len(told) == len(set(told)) and time.monotonic() - start < 4,
                f"{told} after {time.monotonic() - start:.1f} s",
            )
            judge(
                "with its priority and the address of the patient's page",
                {alarm["priority"] for alarm in alarms.values()} == {"high"}
                and all(alarm["url"].startswith("https://ward.example/patients/") for alarm in alarms.values())
                and "NEWS2" in {alarm["what"] for alarm in alarms.values()},
                str(alarms),
            )
            count = len(alarms)
            wait_for(lambda: len(hook.alarms()) >= 2 * count, "a reminder")
            again = [alarm["number"] for alarm in hook.alarms()]
            judge("unanswered, it is told again", sorted(again[:count]) == sorted(again[count : 2 * count]), str(again))
            page.goto(f"{server.url}/alarms")
            while page.locator("form[action='/alarms/acknowledge']").count() > 0:
                left = page.locator("form[action='/alarms/acknowledge']").count()
                page.locator("form[action='/alarms/acknowledge'] button").first.click()
                expect(page.locator("form[action='/alarms/acknowledge']")).to_have_count(left - 1)
            time.sleep(1.5)
            before = len(hook.messages)
            time.sleep(5)
            judge("answered, it is not", len(hook.messages) == before)
            everything = "".join(text for _, text in hook.messages) + "".join(
                mail.as_string() for *_, mail in mails.mails
            )
            judge(
                "no message names the patient",
                "Erika" not in everything and "Mustermann" not in everything and len(mails.mails) >= 2,
            )
            hook.status = 500
            mails.end()
            page.click("text=Send a test message")
            expect(page.locator("h1")).to_have_text("The test message was not taken")
            said = page.inner_text("main")
            judge("a server that fails or is away is told", "webhook" in said and "e-mail" in said, said)
            self.picture(page, "message-not-taken")
            self.errors = [error for error in self.errors if "502" not in error]
            page.context.close()
        finally:
            server.end()
            hook.end()

    def forecast(self):
        """The probability of a model that is promoted while the dashboard runs, against vitals-train predict."""
        table = Table(f"{self.folder}/watched")
        now = datetime.datetime.now(datetime.UTC)
        readings = []
        for number in range(40):
            # Every other patient's heart races off in the last third, some of them only so far that they do not yet
            # count as deteriorated.
            start, slope = 60 + number % 7, (2.2 if number % 4 == 1 else 1.1) if number % 2 else 0
            for minute in range(150):
                rate = start + slope * max(0, minute - 100) + (minute * 7 + number) % 5
                at = now - datetime.timedelta(minutes=150 - minute, seconds=number)
                readings.append((f"F{number:02}", [rate, *HEALTHY[1:]], at))
        table.add_at(readings)
        model = f"{self.folder}/deterioration"
        server = self.start(
            "--table",
            table.path,
            "--early-warning-model",
            model,
            "--state",
            f"{self.folder}/forecast-state",
            "--flush-seconds",
            "600",
        )
        try:
            page = self.page()
            page.goto(server.url)
            expect(page.locator(".tile")).to_have_count(40)
            page.goto(server.url + self.tile(page, "F03").locator("a").get_attribute("href"))
            judge("without a model there is no forecast", page.locator("#forecast").count() == 0)
            self.train("--table", table.path, "--label", "deteriorates", "--horizon", "15m", "--window", "30m",
                       "--trees", "50", "--cv", "3x1", "--out", model)  # fmt: skip
            expect(page.locator("#forecast-probability")).to_be_visible()
            judge("a promoted model shows by itself", True)
            rows = subprocess.run(
                [f"{self.arguments.bin}/vitals-train", "predict", "--model", model, "--data", table.path, "--format",
                 "ndjson"], check=True, capture_output=True, text=True,
            ).stdout.splitlines()  # fmt: skip
            last = {row["patient_id"]: row for row in map(json.loads, rows)}
            wrong = []
            keys = ward_keys(server.url)
            for key, name in keys.items():
                text = get(server.url, f"/patients/{key}")[1].decode()
                found = re.search(r'id="forecast-probability">([\d.]+) %', text)
                expected = f"{last[name]['probability'] * 100:.1f}"
                if found and abs(float(found.group(1)) - float(expected)) > 0.051:
                    wrong.append((name, found.group(1), expected))
                if not found and "No forecast" not in text:
                    wrong.append((name, "nothing", expected))
            judge("the probability is that of vitals-train predict", len(keys) == 40 and not wrong, str(wrong))
            probabilities = {round(row["probability"], 3) for row in last.values()}
            judge("and tells patients apart", len(probabilities) > 3, str(probabilities))
            said = page.inner_text("#forecast")
            judge(
                "with what it is",
                "within 15 min" in said and "last 30 min" in said and "Not a medical device" in said,
                said,
            )
            page.click("text=1 h")
            expect(page.locator("#forecast .trend svg")).to_be_visible()
            self.picture(page, "forecast")
            self.accessible(page, "a patient with a forecast")
            self.train("--data", f"{ROOT}/data/diabetes-synthetic.csv", "--trees", "20", "--cv", "3x1", "--out", model)
            expect(page.locator("#forecast")).to_contain_text("not learned from stored vitals")
            judge("a model of something else is told to be of no use", True)
            shutil.rmtree(model)
            expect(page.locator("#forecast")).to_have_count(0)
            judge("a model that is gone leaves nothing behind", True)
            page.context.close()
        finally:
            server.end()

    def train(self, *options):
        subprocess.run(
            [f"{self.arguments.bin}/vitals-train", "fit", *options],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def run(self):
        model = f"{self.folder}/model"
        self.train("--out", model, "--data", f"{ROOT}/data/diabetes-synthetic.csv", "--trees", "100", "--cv", "3x1")
        self.model = Process([f"{self.arguments.bin}/vitals-serve", "--model", model, "--port", "0"])
        self.server = self.start(
            "--table", self.table.path, "--model-url", self.model.url, "--state", f"{self.folder}/state"
        )
        try:
            page = self.page()
            for look in (self.ward, self.stale, self.tools, self.patient, self.alarms):
                look(page)
            self.looks()
            self.keyboard()
            self.risk(page)
            errors = [error for error in self.errors if "502" not in error]
            self.hostile(page)
            self.damage(page)
            page.context.close()
            self.large()
            self.login()
            self.messages()
            self.forecast()
            judge("no script failed, and the policy stopped nothing of ours", not errors, str(errors[:3]))
            judge("SIGTERM ends it cleanly", self.server.end() == 0)
        finally:
            self.model.end()
            self.server.end()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--screenshots", required=True)
    parser.add_argument("--only", choices=["large", "messages", "forecast"], help="one part that needs no other")
    arguments = parser.parse_args()
    os.makedirs(arguments.screenshots, exist_ok=True)
    # Time enough for a machine that has other work too: no time decides a check.
    expect.set_options(timeout=20_000)
    folder = tempfile.mkdtemp(prefix="vitals-dashboard-")
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            check = Check(arguments, folder, browser)
            getattr(check, arguments.only or "run")()
            browser.close()
    except Exception as error:  # noqa: BLE001
        judge("the looks went through", False, str(error)[:1500])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    finish()


main()
