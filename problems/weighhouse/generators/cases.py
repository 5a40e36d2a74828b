"""Writes the test data: python3 generators/cases.py (from the package's folder)."""
import random
from collections import Counter
from pathlib import Path

random.seed(11)


def solve(target, weights):
    seen, first, count, pair = Counter(), {}, 0, None
    for place, weight in enumerate(weights, start=1):
        other = target - weight
        count += seen[other]
        if pair is None and other in first:
            pair = (first[other], place)
        seen[weight] += 1
        first.setdefault(weight, place)
    return count, pair


def write(name, target, weights):
    count, pair = solve(target, weights)
    Path(f"data/{name}.in").write_text(f"{len(weights)} {target}\n{' '.join(map(str, weights))}\n")
    shown = "none" if pair is None else f"{pair[0]} {pair[1]}"
    Path(f"data/{name}.ans").write_text(f"{count}\n{shown}\n")


def at_random(n, highest):
    return [random.randint(1, highest) for _ in range(n)]


write("sample/1", 10, [4, 6, 3, 7, 6])
write("sample/2", 7, [1, 2, 3])
write("secret/1-few/1", 2, [1, 1])
write("secret/1-few/2", 1, at_random(50, 20))
write("secret/1-few/3", 30, at_random(100, 30))
write("secret/1-few/4", 10**9, [5 * 10**8] * 100)
write("secret/2-fits/1", 60, at_random(2000, 60))
write("secret/2-fits/2", 10**9, at_random(2000, 10**9))
# The only pair lies at the end, where somebody who reads a hundred weights does not look.
write("secret/2-fits/3", 10**9, [3] * 1998 + [10**9 - 1, 1])
# The number of pairs does not fit into 32 bits.
write("secret/3-many/1", 2, [1] * 200_000)
write("secret/3-many/2", 1000, at_random(200_000, 1000))
write("secret/3-many/3", 10**9, [7] * 199_998 + [10**9 - 9, 9])
