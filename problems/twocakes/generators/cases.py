"""Writes the test data: python3 generators/cases.py (from the package's folder)."""
from pathlib import Path


def is_prime(number):
    return number >= 2 and all(number % d for d in range(2, int(number**0.5) + 1))


def write(name, n):
    small = next(p for p in range(2, n) if is_prime(p) and is_prime(n - p))
    Path(f"data/{name}.in").write_text(f"{n}\n")
    Path(f"data/{name}.ans").write_text(f"{small} {n - small}\n")


write("sample/1", 80)
# 503222 is known for its large least prime: 523.
for number, n in enumerate([4, 6, 8, 98, 992, 9_998, 503_222, 1_000_000], start=1):
    write(f"secret/{number:02}-age-{n}", n)
