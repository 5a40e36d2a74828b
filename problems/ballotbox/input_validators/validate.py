"""Accepts n and n names of lower-case letters, at most a thousand of them different."""
import re
import sys

data = sys.stdin.buffer.read()
head, _, rest = data.partition(b"\n")
if not re.fullmatch(rb"[1-9][0-9]{0,6}", head) or int(head) > 1_200_000 or len(data) > 11_000_000:
    sys.exit(43)
if not re.fullmatch(rb"(?:[a-z]{1,16}\n)+", rest):
    sys.exit(43)
names = rest.split()
sys.exit(42 if len(names) == int(head) and len(set(names)) <= 1000 else 43)
