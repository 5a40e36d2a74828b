"""Writes the test data: python3 generators/cases.py (from the package's folder)."""
import random
from pathlib import Path

random.seed(5)


def write(name, pairs, odd, shuffled=True):
    colours = [colour for colour in pairs for _ in range(2)] + [odd]
    if shuffled:
        random.shuffle(colours)
    Path(f"data/{name}.in").write_text(f"{len(colours)}\n{' '.join(map(str, colours))}\n")
    Path(f"data/{name}.ans").write_text(f"{odd}\n")


def some(n, most):
    return [random.randint(0, most) for _ in range(n)]


write("sample/1", [7, 3], 5)
write("secret/01-one-sock", [], 10**18)
write("secret/02-three-of-a-kind", [4], 4)
write("secret/03-black", [1, 2, 3], 0)
write("secret/04-few-colours", some(500, 9), 9)
write("secret/05-wide-colours", some(200, 10**18), 10**17 + 1)
# Small numbers that repeat: the file packs well.
write("secret/06-full-basket", [i % 300 for i in range(99_999)], 299, shuffled=False)
write("secret/07-late", [i // 7 for i in range(500)], 123_456, shuffled=False)
