"""Writes the test data: python3 generators/cases.py (from the package's folder)."""
import random
from bisect import bisect_left
from pathlib import Path

random.seed(5)


def write(name, heights):
    ends = []
    for height in heights:
        place = bisect_left(ends, height)
        ends[place:place + 1] = [height]
    Path(f"data/{name}.in").write_text(f"{len(heights)}\n{' '.join(map(str, heights))}\n")
    Path(f"data/{name}.ans").write_text(f"{len(ends)}\n")


def rising(n, noise):
    """A slope with noise, so that the answer is neither short nor everything; heights repeat."""
    return [max(1, min(10**6, 1 + i * 900_000 // n + random.randint(0, noise))) for i in range(n)]


write("sample/1", [3, 1, 4, 1, 5, 9, 2, 6])
write("sample/2", [7, 7, 7])
# Equal neighbours in every case: who takes them for a rise gets nothing.
write("secret/easy/1", [5] * 10)
write("secret/easy/2", [1, 2, 2, 3, 3, 1, 4, 4, 4, 5, 2, 6])
write("secret/easy/3", [random.randint(1, 9) for _ in range(20)])
write("secret/hard/1-thousand/1", [random.randint(1, 500) for _ in range(1000)])
write("secret/hard/1-thousand/2", rising(1000, 90_000))
write("secret/hard/2-twentythousand/1", [random.randint(1, 10**4) for _ in range(20_000)])
write("secret/hard/2-twentythousand/2", rising(20_000, 20_000))
write("secret/hard/3-all/1", [random.randint(1, 10**5) for _ in range(200_000)])
write("secret/hard/3-all/2", rising(200_000, 1000))
