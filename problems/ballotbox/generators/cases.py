"""Writes the test data: python3 generators/cases.py (from the package's folder)."""
import random
from collections import Counter
from pathlib import Path

random.seed(6)
FIRST = ["alder", "ash", "aspen", "beech", "birch", "cedar", "elder", "elm", "fir", "hazel", "holly", "larch", "lime",
         "maple", "oak", "pine", "rowan", "spruce", "willow", "yew"]
SECOND = ["bark", "bough", "bud", "cone", "crown", "leaf", "moss", "needle", "nut", "root", "seed", "shade", "stem",
          "thorn", "twig", "wood"]
NAMES = [first + second for first in FIRST for second in SECOND]


def write(name, ballots):
    counts = Counter(ballots)
    winner = min(counts, key=lambda n: (-counts[n], n))
    Path(f"data/{name}.in").write_text(f"{len(ballots)}\n" + "".join(f"{ballot}\n" for ballot in ballots))
    Path(f"data/{name}.ans").write_text(f"{winner} {counts[winner]}\n")


write("sample/1", ["oak", "elm", "oak", "ash", "elm", "oak"])
write("secret/01-one-ballot", ["yew"])
write("secret/02-tie", ["willow", "rowan", "rowan", "willow", "ash"])
write("secret/03-each-for-itself", random.sample(NAMES, len(NAMES)))
write("secret/04-late-turn", ["oakroot"] * 40 + ["ashbud"] * 41)
# Ten megabytes of one queue of voters that walks past again and again: large to read, small to store.
queue = random.choices(NAMES, k=1500)
write("secret/05-whole-wood", (queue * 800)[:1_075_000] + ["pinecone"] * 5000)
