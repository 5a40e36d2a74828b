"""Writes the test data: python3 generators/cases.py (from the package's folder)."""
from pathlib import Path


def write(name, number):
    Path(f"data/{name}.in").write_text(f"teach\n{number}\n")
    Path(f"data/{name}.ans").write_text(f"{number}\n")


write("sample/1", 731)
# Around the powers of 26, where a letter more is needed, and at both ends.
numbers = [0, 1, 25, 26, 26**3 - 1, 26**3, 2**31, 2**32 + 1, 26**6, 8 * 10**9]
for number, k in enumerate(numbers, start=1):
    write(f"secret/{number:02}-k-{k}", k)
