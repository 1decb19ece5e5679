"""Two sinks that share a topic are killed, suspended, joined by a third one, and cut off from HDFS at random; HDFS
itself is killed and started again. Again and again."""

import concurrent.futures
import contextlib
import random
import signal
import threading
import time

from processes import Failure, check, tail
from world import World

NAMES = ("a", "b")
GUEST = "guest"
PARTITIONS = 4

# What ends a sink that nobody told to end, and must not: any other end is a fault.
LAWFUL_ENDS = ("fenced: another sink lands this partition",)

# A topic lives for so many kills. Within it HDFS is killed at every so many, and a guest comes; the rest is chance.
KILLS_PER_LIFE = 25
KILLS_PER_RESTART = 12
KILLS_PER_GUEST = 3

# So many of the steps wait until the victim has partitions: who is killed before has nothing to lose.
WORKING = 0.7


class Restarts:
    """Kills servers of HDFS and starts them again, beside everything else that goes on."""

    def __init__(self, hdfs, seed):
        self.hdfs, self.chance = hdfs, random.Random(seed)
        self.lock = threading.Lock()
        self.thread = None
        self.settling = 0
        self.count = 0
        self.failure = None

    def begin(self):
        """Begins a restart, unless one is under way or somebody wants none now."""
        with self.lock:
            if self.failure is not None:
                raise self.failure
            if self.settling or (self.thread is not None and self.thread.is_alive()):
                return
            servers = self.chance.choice(("namenode", "datanode", "both"))
            self.thread = threading.Thread(target=self._run, args=(servers, self.chance.uniform(0, 6)), daemon=True)
            self.thread.start()

    def _run(self, servers, pause):
        try:
            if servers == "both":
                self.hdfs.control("restart")
            else:
                self.hdfs.control(f"kill-{servers}")
                time.sleep(pause)
                self.hdfs.control(f"start-{servers}")
            self.count += 1
        except Failure as failure:
            self.failure = failure

    @contextlib.contextmanager
    def none(self):
        """Waits for the restart under way, and lets none begin meanwhile."""
        with self.lock:
            self.settling += 1
            thread = self.thread
        try:
            if thread is not None:
                thread.join()
            if self.failure is not None:
                raise self.failure
            yield
        finally:
            with self.lock:
                self.settling -= 1


class BrokerDied(Exception):
    """The broker's process ended by a fault of its own, which says nothing of the sinks."""


class Play:
    """The sinks of one topic, and what happens to them."""

    def __init__(self, world, seed, restarts):
        self.world = world
        self.chance = random.Random(seed)
        world.feed.random = random.Random(seed)
        self.sinks = {}
        self.restarts = restarts
        self.is_cut = False
        self.kills = 0
        self.victims_at_work = 0

    def spool(self, name):
        return self.world.folder / f"spool-{name}"

    def start(self, name):
        # A static member takes its partitions up again without waiting for the session of the dead one; the guest is
        # none, so that each of its comings and goings moves partitions.
        member = [] if name == GUEST else ["--instance-id", name]
        # The dead are members for as long as their session, and the group waits for them.
        self.sinks[name] = self.world.start_sink(
            *member, "-X", "heartbeat.interval.ms=500", group="shared", spool=self.spool(name), until_end=False,
            session=3_000,
        )  # fmt: skip

    def look_after(self):
        """Starts again who ended by itself, which only a loser of a partition may."""
        for name, sink in self.sinks.items():
            if sink.runs:
                continue
            lawful = sink.process.returncode == 1 and any(text in sink.stderr for text in LAWFUL_ENDS)
            end = f"sink {name} ended by itself with {sink.process.returncode}"
            check(lawful, f"{end}; its log ends:\n{tail(sink.stderr)}")
            self.start(name)

    def wait_for_work(self, name):
        """Waits until a sink has got partitions, or cannot get any for the moment."""
        sink = self.sinks[name]
        deadline = time.monotonic() + 20
        while sink.runs and "partitions assigned" not in sink.stderr and time.monotonic() < deadline:
            time.sleep(0.05)

    def kill(self, name):
        self.victims_at_work += "partitions assigned" in self.sinks[name].stderr
        self.sinks[name].end()
        self.kills += 1
        if name == GUEST:
            del self.sinks[name]
        else:
            self.start(name)
        if self.kills % KILLS_PER_RESTART == KILLS_PER_RESTART // 2:
            self.restarts.begin()
        if self.kills % KILLS_PER_GUEST == 0 and GUEST not in self.sinks:
            self.start(GUEST)

    def terminate(self, name):
        self.sinks[name].send(signal.SIGTERM)
        status = self.sinks[name].wait(60)
        # One that had not come so far as to listen to signals, let alone to begin, ends by the signal itself.
        had_begun = self.sinks[name].stderr.strip() != ""
        check(
            status in (0, 1) or (status == -signal.SIGTERM and not had_begun),
            f"sink {name} ended with {status} after SIGTERM:\n{tail(self.sinks[name].stderr)}",
        )
        if name == GUEST:
            del self.sinks[name]
        else:
            self.start(name)

    def suspend(self, name):
        self.sinks[name].send(signal.SIGSTOP)
        time.sleep(self.chance.uniform(0, 8))
        self.sinks[name].send(signal.SIGCONT)

    def toggle_road(self):
        (self.world.road.open if self.is_cut else self.world.road.cut)()
        self.is_cut = not self.is_cut

    def check_broker(self):
        if self.world.broker_aborted():
            raise BrokerDied
        broker = next(command for command in self.world.commands if command.name == "kafka-dev-broker")
        check(broker.runs, f"the broker ended:\n{tail(broker.stderr)}")

    def step(self):
        self.check_broker()
        name = self.chance.choice(sorted(self.sinks))
        if self.chance.random() < WORKING:
            self.wait_for_work(name)
        self.world.feed.send(self.chance.randrange(50, 400))
        # Mostly in the midst of the first commit; now and then a few commits later.
        time.sleep(self.chance.uniform(0, self.chance.choice((2, 2, 5))))
        self.look_after()
        dice = self.chance.random()
        if self.is_cut and dice < 0.4 or dice < 0.1:
            self.toggle_road()
        elif 0.4 <= dice < 0.48:
            self.suspend(name)
        elif 0.48 <= dice < 0.56:
            self.terminate(name)
        else:
            self.kill(name)

    def settle(self):
        """Brings everything back, ends the sinks, lands what is left, and checks the table."""
        if self.is_cut:
            self.toggle_road()
        for sink in self.sinks.values():
            sink.send(signal.SIGTERM)
        for sink in self.sinks.values():
            sink.wait(90)
        hosts = (*NAMES, GUEST)
        for name in hosts:
            self.world.start_sync(spool=self.spool(name)).wait(120)
        self.world.land(spool=self.spool(NAMES[0]))
        for name in hosts:
            self.world.sync(spool=self.spool(name))
        self.check_broker()
        self.world.check()

    @property
    def spooled(self):
        """Commits to spools."""
        return sum(command.stderr.count(" spooled bytes=") for command in self.world.commands)

    @property
    def rebalances(self):
        """How often partitions were taken back from a sink."""
        return sum(command.stderr.count("partitions are taken back") for command in self.world.commands)


class Life:
    """So many kills on one topic, from its first record to the check of its table."""

    def __init__(self, kills, seed):
        self.wanted, self.seed = kills, seed
        self.kills = self.at_work = self.rebalances = self.records = self.commits = self.spooled = 0

    def play(self, world, restarts, deadline):
        play = Play(world, self.seed, restarts)
        try:
            for name in NAMES:
                play.start(name)
            while play.kills < self.wanted and time.monotonic() < deadline:
                play.step()
            with restarts.none():
                self.commits, self.spooled = world.commits(), play.spooled
                play.settle()
        except Exception:
            # Where the broker died, all that follows from it is void.
            play.check_broker()
            raise
        self.kills, self.at_work, self.rebalances = play.kills, play.victims_at_work, play.rebalances
        self.records = len(world.feed.sent)


def story(runs, seed, minutes):
    """A story of so many kills, for so many minutes at most: several lives, two at a time on one HDFS."""

    def play(world):
        deadline = time.monotonic() + 60 * minutes
        restarts = Restarts(world.hdfs, seed)
        dead = []

        def live(number):
            life = Life(min(KILLS_PER_LIFE, runs - number * KILLS_PER_LIFE), 1_000 * seed + number)
            while True:
                name = f"life-{number}-{life.seed}"
                folder = world.folder / name
                folder.mkdir()
                scene = World(f"crash-random-{name}", folder, world.hdfs.instance, PARTITIONS)
                try:
                    life.play(scene, restarts, deadline)
                    return life
                except BrokerDied:
                    dead.append(name)
                    check(len(dead) <= 3, f"the broker died again and again: {dead}")
                    life = Life(life.wanted, life.seed + 100)
                finally:
                    scene.close()

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            lives = list(pool.map(live, range(-(-runs // KILLS_PER_LIFE))))
        report(lives, restarts, dead)

    return play


def report(lives, restarts, dead):
    def total(name):
        return sum(getattr(life, name) for life in lives)

    print(
        f"         {total('kills')} kills in {len(lives)} lives of a topic, {total('at_work')} of sinks with "
        f"partitions; {restarts.count} restarts of HDFS, {total('rebalances')} times partitions taken back; "
        f"{total('records')} records, {total('commits')} commits to tables and {total('spooled')} to spools between "
        f"the kills; {len(dead)} lives void because the broker died", flush=True,
    )  # fmt: skip
    check(total("kills") >= 1, "no sink was killed")
    if total("kills") > KILLS_PER_RESTART // 2:
        check(restarts.count > 0, "HDFS was not restarted")
        check(total("rebalances") > 0, "no partition was taken back")
        check(total("commits") > 0, "nothing landed between the kills")
