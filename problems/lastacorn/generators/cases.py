"""Writes the test data: python3 generators/cases.py (from the package's folder)."""
from pathlib import Path


def write(name, n):
    Path(f"data/{name}.in").write_text(f"{n}\n")
    Path(f"data/{name}.ans").write_text("second\n" if n % 4 == 0 else "first\n")


write("sample/1", 6)
Path("data/sample/1.interaction").write_text("<6\n>first\n>2\n<3\n>1\n")
for number, n in enumerate([1, 3, 4, 5, 8, 99, 100, 999, 1000], start=1):
    write(f"secret/{number:02}-acorns-{n}", n)
