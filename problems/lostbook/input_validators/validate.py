"""Accepts the number of books and the place of one of them, on one line."""
import re
import sys

text = sys.stdin.read()
valid = re.fullmatch(r"[1-9][0-9]{0,9} [1-9][0-9]{0,9}\n", text)
if valid:
    n, place = map(int, text.split())
    valid = place <= n <= 10**9
sys.exit(42 if valid else 43)
