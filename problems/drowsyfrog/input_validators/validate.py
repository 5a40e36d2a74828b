"""Accepts n and a row of n stones."""
import re
import sys

lines = sys.stdin.read().split("\n")
valid = (
    len(lines) == 3
    and lines[2] == ""
    and re.fullmatch(r"[1-9][0-9]{0,5}", lines[0])
    and int(lines[0]) <= 100_000
    and re.fullmatch(r"[o~]+", lines[1])
    and len(lines[1]) == int(lines[0])
)
sys.exit(42 if valid else 43)
