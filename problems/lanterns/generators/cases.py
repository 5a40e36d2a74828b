"""Writes the test data: python3 generators/cases.py (from the package's folder)."""
import string
from pathlib import Path


def lantern(n):
    widths = [*range(1, n + 1), *range(n - 1, 0, -1)]
    for width in widths:
        up = string.ascii_lowercase[:width]
        yield " " * (n - width) + up + up[-2::-1] + "\n"


def write(name, n):
    Path(f"data/{name}.in").write_text(f"{n}\n")
    Path(f"data/{name}.ans").write_text("".join(lantern(n)))


write("sample/1", 3)
for number, n in enumerate([1, 2, 4, 7, 13, 25, 26], start=1):
    write(f"secret/{number:02}-size-{n}", n)
