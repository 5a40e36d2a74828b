"""Writes the test data: python3 generators/cases.py (from the package's folder)."""
from pathlib import Path


def write(name, n, treasure):
    Path(f"data/{name}.in").write_text(f"scout {n} {treasure}\n")
    Path(f"data/{name}.ans").write_text(f"{treasure}\n")


write("sample/1", 5, 4)
Path("data/sample/1.interaction").write_text(
    "<scout 5\n>probe 3\n<behind\n>probe 4\n<here\n>leave aaad\n---\n<digger 5 aaad\n>dig 4\n"
)
Path("data/sample/1.in.download").write_text("scout 5\n")
Path("data/sample/1.ans.download").write_text("dig 4\n")
paths = [(1, 1), (2, 1), (27, 27), (676, 400), (400_000, 1), (400_000, 400_000), (400_000, 271_828)]
for number, (n, treasure) in enumerate(paths, start=1):
    write(f"secret/{number:02}-path-{n}", n, treasure)
