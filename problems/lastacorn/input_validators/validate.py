"""Accepts one integer from 1 to 1000 on a line of its own."""
import re
import sys

text = sys.stdin.read()
valid = re.fullmatch(r"[1-9][0-9]{0,3}\n", text) and int(text) <= 1_000
sys.exit(42 if valid else 43)
