"""Writes the test data: python3 generators/cases.py (from the package's folder)."""
from pathlib import Path


def write(name, n, place):
    Path(f"data/{name}.in").write_text(f"{n} {place}\n")
    Path(f"data/{name}.ans").write_text(f"{place}\n")


write("sample/1", 10, 3)
Path("data/sample/1.interaction").write_text("<10\n>5\n<left\n>2\n<right\n>3\n<here\n")
for extension in ["in.download", "ans.download"]:
    Path(f"data/sample/1.{extension}").write_text("10 books\n" if extension.startswith("in") else "here\n")
shelves = [(1, 1), (2, 2), (7, 1), (1_000, 617), (10**9, 1), (10**9, 10**9), (10**9, 314_159_265)]
for number, (n, place) in enumerate(shelves, start=1):
    write(f"secret/{number:02}-shelf-{n}", n, place)
