"""Accepts the number of towers, then their heights."""
import re
import sys

lines = sys.stdin.read().split("\n")
valid = len(lines) == 3 and lines[2] == "" and re.fullmatch("[1-9][0-9]{0,5}", lines[0])
if valid:
    words = lines[1].split(" ")
    valid = len(words) == int(lines[0]) <= 200_000
    valid = valid and all(re.fullmatch("[1-9][0-9]{0,6}", word) and int(word) <= 10**6 for word in words)
sys.exit(42 if valid else 43)
