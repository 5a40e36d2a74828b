"""Accepts `teach` and an integer from 0 to 8000000000, each on a line of its own."""
import re
import sys

text = sys.stdin.read()
valid = re.fullmatch(r"teach\n(0|[1-9][0-9]{0,9})\n", text) and int(text.split()[1]) <= 8 * 10**9
sys.exit(42 if valid else 43)
