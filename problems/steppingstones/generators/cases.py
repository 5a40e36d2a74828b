"""Writes the test data: python3 generators/cases.py (from the package's folder)."""
import random
from pathlib import Path

random.seed(11)


def fewest(reach):
    jumps = here = far = 0
    for stone in range(len(reach) - 1):
        far = max(far, stone + reach[stone])
        if stone == here:
            if far == here:
                return -1
            jumps, here = jumps + 1, far
    return jumps


def write(name, reach):
    Path(f"data/{name}.in").write_text(f"{len(reach)}\n{' '.join(map(str, reach))}\n")
    Path(f"data/{name}.ans").write_text(f"{fewest(reach)}\n")


write("sample/1", [2, 3, 1, 1, 4])
write("sample/2", [1, 0, 2])
write("secret/01-one-stone", [0])
write("secret/02-two-stones", [1, 0])
write("secret/03-farthest-is-not-best", [3, 1, 5, 0, 0, 0, 0, 1])
write("secret/04-random", [random.randint(0, 9) for _ in range(1000)])
write("secret/05-steps", [1] * 20_000)
write("secret/06-all-at-once", [99_999] + [0] * 99_999)
# Many stones with a long reach: looking back from each costs the square of it.
write("secret/07-long-reach", [2_500 - i % 7 for i in range(100_000)])
