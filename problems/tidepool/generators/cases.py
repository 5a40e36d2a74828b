"""Writes the test data: python3 generators/cases.py (from the package's folder)."""
import math
import random
from pathlib import Path

random.seed(2025)


def write(name, speed, pools):
    length = math.fsum(math.dist(a, b) for a, b in zip(pools, pools[1:] + pools[:1]))
    rows = "".join(f"{x} {y}\n" for x, y in pools)
    Path(f"data/{name}.in").write_text(f"{len(pools)} {speed}\n{rows}")
    Path(f"data/{name}.ans").write_text(f"{length / float(speed):.9f}\n")


def scattered(n, reach):
    return [(random.randint(-reach, reach), random.randint(-reach, reach)) for _ in range(n)]


write("sample/1", "2.5", [(0, 0), (3, 4), (3, 0)])
write("secret/01-one-pool", "1", [(7, -7)])
write("secret/02-there-and-back", "0.5", [(0, 0), (1, 1)])
write("secret/03-same-place", "3", [(5, 5)] * 10)
write("secret/04-far-corners", "0.1", [(-10**6, -10**6), (10**6, 10**6), (-10**6, 10**6), (10**6, -10**6)] * 5)
write("secret/05-small-steps", "0.125", [(i, i % 2) for i in range(20)])
write("secret/06-near", "100", scattered(20, 3))
write("secret/07-scattered", "99.999", scattered(1000, 10**6))
