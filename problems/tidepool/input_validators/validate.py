"""Accepts `n v` and n lines of two integers, as the statement says."""
import re
import sys

lines = sys.stdin.read().split("\n")
head = re.fullmatch(r"([1-9][0-9]{0,3}) ((?:0|[1-9][0-9]{0,2})(?:\.[0-9]{1,3})?)", lines[0])
if not head or lines[-1] != "":
    sys.exit(43)
n, speed = int(head[1]), float(head[2])
if not (n <= 1000 and 0.1 <= speed <= 100 and len(lines) == n + 2):
    sys.exit(43)
number = r"(?:0|-?[1-9][0-9]{0,6})"
for line in lines[1:-1]:
    if not re.fullmatch(f"{number} {number}", line) or any(abs(int(x)) > 10**6 for x in line.split()):
        sys.exit(43)
sys.exit(42)
