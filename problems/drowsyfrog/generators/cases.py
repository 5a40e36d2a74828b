"""Writes the test data: python3 generators/cases.py (from the package's folder)."""
import random
from pathlib import Path

random.seed(8)


def write(name, stones):
    ways = [1]
    for stone in stones + "o":
        ways.append(sum(ways[-3:]) % 1_000_000_007 if stone == "o" else 0)
    Path(f"data/{name}.in").write_text(f"{len(stones)}\n{stones}\n")
    Path(f"data/{name}.ans").write_text(f"{ways[-1]}\n")


def pond(n, wet):
    return "".join(random.choices("o~", weights=[1 - wet, wet], k=n))


write("sample/1", "ooo")
write("sample/2", "o~oo~")
write("secret/01-one-stone", "o")
write("secret/02-one-wet-stone", "~")
write("secret/03-no-way", "oo~~~oo")
write("secret/04-small", pond(25, 0.1))
write("secret/05-large-dry", "o" * 100_000)
write("secret/06-large-damp", ("o" * 9 + "~") * 10_000)
