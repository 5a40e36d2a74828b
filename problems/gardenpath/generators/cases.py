"""Writes the test data: python3 generators/cases.py (from the package's folder)."""
from pathlib import Path


def write(name, n):
    evens, odds = range(2, n + 1, 2), range(1, n + 1, 2)
    path = "impossible" if n in (2, 3) else " ".join(map(str, [*evens, *odds]))
    Path(f"data/{name}.in").write_text(f"{n}\n")
    Path(f"data/{name}.ans").write_text(path + "\n")


write("sample/1", 5)
write("sample/2", 3)
for number, n in enumerate([1, 2, 4, 6, 9, 100, 99_999, 100_000], start=1):
    write(f"secret/{number:02}-stones-{n}", n)
