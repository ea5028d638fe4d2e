#!/usr/bin/env python3
"""Types the recorded session: starts the program on a terminal of its own, waits
for its prompts, and types as a person would. README.md beside this says how to
record with it."""

import fcntl
import os
import pty
import re
import select
import sys
import termios
import time

PROGRAM = sys.argv[1:] or ["target/release/swarmlings", "--lang", "en", "--lab", "recorded"]
KEY, THINK, PATIENCE = 0.035, 0.9, 120

# What is waited for at the end of the screen, and what is typed then; None: nothing.
ENTER = ""
JOIN = "docker swarm join --token $WORKER_TOKEN $MANAGER_ADDR"
SESSION = [
    (r"\[Y/n\] $", "y"),
    (r"orchestration 1/4> $", ENTER),
    (r"orchestration 2/4> $", ENTER),
    (r"orchestration 3/4> $", "2"),
    (r"orchestration 3/4> $", ENTER),
    (r"orchestration 4/4> $", "2"),
    (r"orchestration 4/4> $", "1"),
    (r"orchestration 4/4> $", ENTER),
    (r"cluster 1/4> $", ENTER),
    (r"cluster 2/4> $", "2"),
    (r"cluster 2/4> $", ENTER),
    (r"cluster 3/4> $", "docker compose up -d"),
    (r"Done\..*cluster 3/4> $", ENTER),
    (r"cluster 4/4> $", "docker ps"),
    (r"Done\..*cluster 4/4> $", ENTER),
    (r"swarm 1/6> $", ENTER),
    (r"swarm 2/6> $", "2"),
    (r"swarm 2/6> $", "docker exec -it manager docker swarm init"),
    (r"swarm 2/6> $", "docker exec -it manager docker node ls"),
    (r"Done\..*swarm 2/6> $", ENTER),
    (r"swarm 3/6> $", "run"),
    (r"Done\..*swarm 3/6> $", ENTER),
    (r"swarm 4/6> $", f"docker exec -it work01 {JOIN}"),
    (r"swarm 4/6> $", f"docker exec -it worker01 {JOIN}"),
    (r"Done\..*swarm 4/6> $", ENTER),
    (r"swarm 5/6> $", "solve"),
    (r"Done\..*swarm 5/6> $", ENTER),
    (r"swarm 6/6> $", "docker exec -it manager docker node ls"),
    (r"Done\..*swarm 6/6> $", "2"),
    (r"swarm 6/6> $", ENTER),
    (r"service 1/9> $", ENTER),
    (r"service 2/9> $", "2"),
    (r"service 2/9> $", ENTER),
    (r"service 3/9> $", "run"),
    (r"Done\..*service 3/9> $", ENTER),
    (r"service 4/9> $", "run"),
    (r"Done\..*service 4/9> $", ENTER),
    (r"service 5/9> $", "1"),
    (r"service 5/9> $", "docker exec -it manager docker service scale test_swarm=6"),
    (r"Done\..*service 5/9> $", "quit"),
]


def main():
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(PROGRAM[0], PROGRAM)
    size = fcntl.ioctl(sys.stdout.fileno(), termios.TIOCGWINSZ, b"\0" * 8)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, size)
    seen = ""

    def pump(seconds):
        """Shows what comes for so long; False: the program has ended."""
        nonlocal seen
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([terminal], [], [], left)[0]:
                try:
                    data = os.read(terminal, 65536)
                except OSError:
                    return False
                if not data:
                    return False
                os.write(sys.stdout.fileno(), data)
                text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", data.decode("utf-8", "replace"))
                seen += text.replace("\r", "")
        return True

    for awaited, typed in SESSION:
        deadline = time.monotonic() + PATIENCE
        while not re.search(awaited, seen, re.S):
            if re.search(r"Enter: more.*$", seen.splitlines()[-1] if seen else ""):
                # A long page waits in its middle.
                pump(THINK)
                seen = ""
                os.write(terminal, b"\r")
            if not pump(0.1) or time.monotonic() > deadline:
                sys.exit(f"waited for {awaited!r}; seen: {seen[-400:]!r}")
        pump(THINK)
        for key in typed:
            os.write(terminal, key.encode())
            pump(KEY)
        seen = ""
        os.write(terminal, b"\r")
    while pump(5):
        pass
    os.waitpid(child, 0)


main()
