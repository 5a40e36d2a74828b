"""Accepts one time hh:mm on a line of its own."""
import re
import sys

sys.exit(42 if re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]\n", sys.stdin.read()) else 43)
