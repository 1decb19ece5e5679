"""Two sinks that share a topic are killed, suspended and cut off from HDFS at random, again and again."""

import random
import signal
import time

from processes import check

NAMES = ("a", "b")


def story(runs, seed, minutes):
    """A story of so many kills, for so many minutes at most."""

    def play(world):
        chance = random.Random(seed)
        deadline = time.monotonic() + 60 * minutes
        world.feed.random = random.Random(seed)
        sinks = {}

        def start(name):
            # A static member takes its partitions up again without waiting for the session of the dead one.
            sinks[name] = world.start_sink(
                "--instance-id", name, group="shared", spool=world.folder / f"spool-{name}", until_end=False
            )

        for name in NAMES:
            start(name)
        kills = 0
        is_cut = False
        while kills < runs and time.monotonic() < deadline:
            world.feed.send(chance.randrange(50, 400))
            time.sleep(chance.uniform(0, 1.5))
            for name in NAMES:
                # A sink may end by itself when the other one lands its partitions meanwhile.
                if not sinks[name].runs:
                    start(name)
            dice = chance.random()
            if dice < 0.12:
                (world.road.open if is_cut else world.road.cut)()
                is_cut = not is_cut
            elif dice < 0.20:
                victim = sinks[chance.choice(NAMES)]
                victim.send(signal.SIGSTOP)
                time.sleep(chance.uniform(0, 8))
                victim.send(signal.SIGCONT)
            elif dice < 0.28:
                name = chance.choice(NAMES)
                sinks[name].send(signal.SIGTERM)
                sinks[name].wait(60)
                start(name)
            else:
                name = chance.choice(NAMES)
                sinks[name].end()
                kills += 1
                start(name)
        if is_cut:
            world.road.open()
        for sink in sinks.values():
            sink.send(signal.SIGTERM)
        for sink in sinks.values():
            sink.wait(90)
        for name in NAMES:
            world.start_sync(spool=world.folder / f"spool-{name}").wait(120)
        world.land(spool=world.folder / "spool-a")
        for name in NAMES:
            world.sync(spool=world.folder / f"spool-{name}")
        print(f"         {kills} kills, {len(world.feed.sent)} records, {world.commits()} commits", flush=True)
        check(kills >= min(runs, 1), "no sink was killed")
        world.check()

    return play
