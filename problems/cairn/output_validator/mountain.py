"""Answers the scout, then watches the digger: mountain.py INPUT ANSWER FEEDBACK_DIR/ < WORDS > ANSWERS"""
import re
import sys
from pathlib import Path

ACCEPT, REJECT = 42, 43
PROBES = 20

feedback_dir = Path(sys.argv[3])
who, *rest = Path(sys.argv[1]).read_text().split()
n, treasure = map(int, rest[:2])


def note(message):
    with open(feedback_dir / "judgemessage.txt", "a") as file:
        file.write(f"{who}: {message}\n")


def reject(message):
    note(message)
    sys.exit(REJECT)


def say(words):
    try:
        print(words, flush=True)
    except BrokenPipeError:
        reject("is gone")


def hear(pattern):
    line = sys.stdin.readline()
    if not line:
        reject("said nothing more")
    match = re.fullmatch(pattern, line.strip())
    if not match:
        reject(f"said what nobody understands: {line.strip()[:40]!r}")
    return match


if who == "scout":
    say(f"scout {n}")
    for probes in range(PROBES + 1):
        match = hear(r"probe (?P<step>[0-9]{1,6})|leave (?P<word>[a-z]{1,4})")
        if match["word"]:
            note(f"{probes} probes, leaves {match['word']}")
            (feedback_dir / "nextpass.in").write_text(f"digger {n} {treasure} {match['word']}\n")
            sys.exit(ACCEPT)
        step = int(match["step"])
        say("here" if step == treasure else "before" if treasure < step else "behind")
    reject("probes too often")

say(f"digger {n} {rest[2]}")
dug = int(hear(r"dig ([0-9]{1,6})")[1])
if dug != treasure:
    reject(f"digs at {dug} instead of {treasure}")
note("found it")
sys.exit(ACCEPT)
