"""Accepts n and a line of n reaches."""
import re
import sys

lines = sys.stdin.read().split("\n")
if len(lines) != 3 or lines[2] != "" or not re.fullmatch(r"[1-9][0-9]{0,5}", lines[0]):
    sys.exit(43)
if not re.fullmatch(r"(0|[1-9][0-9]{0,5})( (0|[1-9][0-9]{0,5}))*", lines[1]):
    sys.exit(43)
n, reach = int(lines[0]), [int(word) for word in lines[1].split(" ")]
sys.exit(42 if n <= 100_000 and len(reach) == n and max(reach) <= 100_000 else 43)
