"""Accepts one integer from 3 to 60 on a line of its own."""
import re
import sys

text = sys.stdin.read()
valid = re.fullmatch(r"[1-9][0-9]?\n", text) and 3 <= int(text) <= 60
sys.exit(42 if valid else 43)
