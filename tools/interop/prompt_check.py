"""Types at the prompt of pq-query; started by tools/interop/prompt, which says more."""

import fcntl
import os
import pathlib
import pty
import re
import select
import struct
import sys
import termios
import time

from checks import finish, judge

PROMPT = "pq> "
COLUMNS = 70
UP, CONTROL_C, CONTROL_D = "\x1b[A", "\x03", "\x04"


class Terminal:
    """A program at a terminal of its own."""

    def __init__(self, program, folder):
        self.process, self.screen = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            os.environ.update(HOME=folder, TERM="xterm")
            os.execv(program, [program, "--threads", "1"])
        fcntl.ioctl(self.screen, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))

    def read(self, end, seconds=20):
        """What is shown until it ends so, without what commands the terminal; all there is where it does not."""
        text, deadline = "", time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not select.select([self.screen], [], [], 0.1)[0]:
                continue
            try:
                text += os.read(self.screen, 1 << 16).decode(errors="replace")
            except OSError:
                break
            plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)
            # The line is drawn, and then the cursor put to its place from the left.
            if plain.rstrip("\r").rsplit("\r", 1)[-1].lstrip("\n") == end or (end is None and plain):
                return plain
        return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)

    def type(self, keys):
        os.write(self.screen, keys.encode())

    def ask(self, keys, end=PROMPT):
        """What is shown between some keys and the next prompt."""
        self.type(keys)
        return self.read(end)

    def leave(self):
        self.type(CONTROL_D)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            done, status = os.waitpid(self.process, os.WNOHANG)
            if done:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.05)
        os.kill(self.process, 9)
        os.waitpid(self.process, 0)
        return None


def main():
    program, folder = str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2]
    terminal = Terminal(program, folder)
    said = terminal.read(PROMPT)
    judge("it greets and asks", ".help" in said, said)
    said = terminal.ask("copy (select i, 'W' || i % 3 as ward from range(10) t(i)) to 'rows.parquet';\r")
    judge("a statement writes a file", pathlib.Path(folder, "rows.parquet").exists(), said)
    said = terminal.ask(".tables\r")
    judge(".tables lists it", "\nrows.parquet" in said, said)
    said = terminal.ask(".schema rows.parquet\r")
    judge(".schema tells its columns", "ward" in said and "VARCHAR" in said, said)
    said = terminal.ask("select count(*) + 100 as n from 'ro\t';\r")
    judge("Tab completes a path", "110" in said, said)
    said = terminal.ask("select sum(i) + 100 as n from 'rows.parquet' where wa\t = 'W1';\r")
    judge("Tab completes a column", "112" in said, said)
    terminal.ask("select 100 +\r", end="  > ")
    said = terminal.ask("23;\r")
    judge("a statement may have several lines", "123" in said, said)
    said = terminal.ask(UP + "\r")
    judge("the key up brings the last statement again", "123" in said, said)
    terminal.ask(".timer on\r")
    said = terminal.ask("select 5 as five;\r")
    judge(".timer tells how long it took", re.search(r"1 row in [0-9.]+ s", said), said)
    said = terminal.ask("select wart from 'rows.parquet';\r")
    judge("an error points at its place and ends nothing", "^" in said and "ward" in said, said)
    terminal.type("select half of it")
    terminal.read(None)
    said = terminal.ask(CONTROL_C)
    judge("Ctrl-C gives up a line", "^C" in said, said)
    terminal.type("select count(*) from range(1000000000000) t(i) where i % 7 = 3;\r")
    time.sleep(1.5)
    started = time.monotonic()
    said = terminal.ask(CONTROL_C)
    judge("Ctrl-C ends a query and not the program", "cancelled" in said and time.monotonic() - started < 5, said)
    wide = ", ".join(f"'a text of some length' as column_{number}" for number in range(12))
    said = terminal.ask(f"select {wide};\r")
    shown = said.split("\r\n")[1:-1]
    judge("a wide table fits the terminal",
          any("more" in line for line in shown) and all(len(line) <= COLUMNS for line in shown), said)  # fmt: skip
    status = terminal.leave()
    judge("Ctrl-D leaves", status == 0, str(status))
    history = pathlib.Path(folder, ".pq-query-history")
    kept = history.read_text() if history.exists() else ""
    judge("the history is kept, for its owner alone",
          "select 5 as five;" in kept and history.stat().st_mode & 0o77 == 0, kept)  # fmt: skip
    finish()


main()
