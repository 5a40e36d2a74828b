"""Writes the test data: python3 generators/cases.py (from the package's folder)."""
from pathlib import Path


def write(name, n):
    # Whoever joins takes as much as all the others together.
    shares = [1, 2, 3]
    while len(shares) < n:
        shares.append(sum(shares))
    Path(f"data/{name}.in").write_text(f"{n}\n")
    Path(f"data/{name}.ans").write_text(" ".join(map(str, shares)) + "\n")


write("sample/1", 4)
for number, n in enumerate([3, 5, 10, 31, 33, 59, 60], start=1):
    write(f"secret/{number:02}-heirs-{n}", n)
