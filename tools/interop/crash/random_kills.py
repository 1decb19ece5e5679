"""Two sinks that share a topic are killed, suspended, joined by a third one, and cut off from HDFS at random; HDFS
itself is killed and started again. Again and again."""

import random
import signal
import threading
import time

from processes import Failure, check, tail

NAMES = ("a", "b")
GUEST = "guest"
PARTITIONS = 4

# What ends a sink that nobody told to end, and must not: any other end is a fault.
LAWFUL_ENDS = ("fenced: another sink lands this partition",)

# HDFS is killed at every so many kills, and a guest comes or goes; the rest is left to chance.
KILLS_PER_RESTART = 12
KILLS_PER_GUEST = 3

# So many of the steps wait until the victim has partitions: who is killed before has nothing to lose.
WORKING = 0.7


class Restarts:
    """Kills servers of HDFS and starts them again, beside everything else that goes on."""

    def __init__(self, hdfs, chance):
        self.hdfs, self.chance = hdfs, chance
        self.thread = None
        self.count = 0
        self.failure = None

    def begin(self):
        """Begins a restart, unless one is under way."""
        self.raise_failure()
        if self.thread is not None and self.thread.is_alive():
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

    def finish(self):
        """Waits for the restart under way."""
        if self.thread is not None:
            self.thread.join()
        self.raise_failure()

    def raise_failure(self):
        if self.failure is not None:
            raise self.failure


class Play:
    """The sinks, and what happens to them."""

    def __init__(self, world, seed):
        self.world = world
        self.chance = random.Random(seed)
        world.feed.random = random.Random(seed)
        self.sinks = {}
        self.restarts = Restarts(world.hdfs, random.Random(seed))
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
        check(status in (0, 1), f"sink {name} ended with {status} after SIGTERM:\n{tail(self.sinks[name].stderr)}")
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

    def step(self):
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
        """Brings everything back, ends the sinks, and lands what is left."""
        if self.is_cut:
            self.toggle_road()
        self.restarts.finish()
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

    @property
    def spooled(self):
        """Commits to spools."""
        return sum(command.stderr.count(" spooled bytes=") for command in self.world.commands)

    @property
    def rebalances(self):
        """How often partitions were taken back from a sink."""
        return sum(command.stderr.count("partitions are taken back") for command in self.world.commands)


def story(runs, seed, minutes):
    """A story of so many kills, for so many minutes at most."""

    def play(world):
        play = Play(world, seed)
        for name in NAMES:
            play.start(name)
        deadline = time.monotonic() + 60 * minutes
        while play.kills < runs and time.monotonic() < deadline:
            play.step()
        commits, spooled = world.commits(), play.spooled
        play.settle()
        print(
            f"         {play.kills} kills, {play.victims_at_work} of sinks with partitions; {play.restarts.count} "
            f"restarts of HDFS, {play.rebalances} times partitions taken back; {len(world.feed.sent)} records, "
            f"{commits} commits to the table and {spooled} to spools between the kills", flush=True,
        )  # fmt: skip
        check(play.kills >= min(runs, 1), "no sink was killed")
        if play.kills > KILLS_PER_RESTART // 2:
            check(play.restarts.count > 0, "HDFS was not restarted")
            check(play.rebalances > 0, "no partition was taken back")
            check(commits > 0, "nothing landed between the kills")
        world.check()

    play.partitions = PARTITIONS
    return play
