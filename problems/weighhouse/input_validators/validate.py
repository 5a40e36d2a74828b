"""Accepts the number of weights and the target, then the weights."""
import re
import sys

NUMBER = "[1-9][0-9]{0,9}"
lines = sys.stdin.read().split("\n")
valid = len(lines) == 3 and lines[2] == "" and re.fullmatch(f"{NUMBER} {NUMBER}", lines[0])
if valid:
    n, target = map(int, lines[0].split())
    words = lines[1].split(" ")
    valid = 2 <= n <= 200_000 and target <= 10**9 and len(words) == n
    valid = valid and all(re.fullmatch(NUMBER, word) and int(word) <= 10**9 for word in words)
sys.exit(42 if valid else 43)
