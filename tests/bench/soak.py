"""Watch the memory and the descriptors of a daemon over many rounds: `make soak` (ROUNDS=500, STATE=FILE to begin with a copy).

A small town publishes one article a second on three sites; each round polls one site and reads what is new.
Prints resident memory and open descriptors of the daemon and its reading processes every tenth of the way.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "aids"))

from town import Town
from town_config import configure

ROUNDS = int(os.environ.get("ROUNDS", "500"))
STATE = os.environ.get("STATE")


def main():
    with tempfile.TemporaryDirectory() as name, Town(tick=1.0) as town:
        folder = Path(name)
        config = configure(town, folder)
        if STATE:
            shutil.copyfile(STATE, folder / "state.db")
        log = folder / "daemon.log"
        with log.open("wb") as sink:
            daemon = subprocess.Popen(
                [sys.executable, "-m", "crawler", "--config", str(config), "run"], stdout=sink, stderr=sink
            )
        print(
            f"{'rounds':>7} {'articles':>9} {'MiB':>7} {'files':>6} {'threads':>8} {'children':>9} {'children MiB':>13}"
        )
        shown = 0
        while shown < ROUNDS:
            time.sleep(0.2)
            rounds = log.read_bytes().count(b'"event": "round"')
            if rounds >= shown + ROUNDS // 10 or (shown == 0 and rounds > 0):
                shown = rounds
                print(_row(daemon.pid, rounds, len(town.published)), flush=True)
        daemon.send_signal(signal.SIGTERM)
        print(f"ended with code {daemon.wait(timeout=15)}")


def _row(pid, rounds, articles):
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    children = _descendants(pid)
    child_memory = sum(_resident(child) for child in children)
    files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    own = _resident(pid)
    return (
        f"{rounds:>7} {articles:>9} {own:>7.1f} {files:>6} {status['Threads'].strip():>8} "
        f"{len(children):>9} {child_memory:>13.1f}"
    )


def _resident(pid):
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def _descendants(pid):
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *_descendants(int(child))]
    return found


if __name__ == "__main__":
    main()
