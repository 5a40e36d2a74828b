"""Accepts one even integer from 4 to 1000000 on a line of its own."""
import re
import sys

text = sys.stdin.read()
valid = re.fullmatch(r"[1-9][0-9]{0,6}\n", text) and 4 <= int(text) <= 1_000_000 and int(text) % 2 == 0
sys.exit(42 if valid else 43)
