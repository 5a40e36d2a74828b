"""Accepts n and a line of n colours of which exactly one occurs an odd number of times."""
import re
import sys
from collections import Counter

lines = sys.stdin.read().split("\n")
if len(lines) != 3 or lines[2] != "" or not re.fullmatch(r"[1-9][0-9]{0,5}", lines[0]):
    sys.exit(43)
n = int(lines[0])
if not re.fullmatch(r"(0|[1-9][0-9]{0,18})( (0|[1-9][0-9]{0,18}))*", lines[1]):
    sys.exit(43)
colours = [int(word) for word in lines[1].split(" ")]
odd = [colour for colour, count in Counter(colours).items() if count % 2 == 1]
valid = n < 200_000 and len(colours) == n and max(colours) <= 10**18 and len(odd) == 1
sys.exit(42 if valid else 43)
