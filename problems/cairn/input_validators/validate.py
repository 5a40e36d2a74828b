"""Accepts `scout`, the length of the path and a step on it, on one line."""
import re
import sys

text = sys.stdin.read()
valid = re.fullmatch(r"scout [1-9][0-9]{0,5} [1-9][0-9]{0,5}\n", text)
if valid:
    n, treasure = map(int, text.split()[1:])
    valid = treasure <= n <= 400_000
sys.exit(42 if valid else 43)
