"""Reads a verdict and a score for each child of a group, prints one of each.

any:    the sum of the points; accepted with any points at all.
ladder: the same, but nothing counts after the first child that failed.
"""
import sys

children = [line.split() for line in sys.stdin]
failed = [verdict for verdict, _ in children if verdict != "AC"]
if "ladder" in sys.argv[1:] and failed:
    children = children[:[verdict for verdict, _ in children].index(failed[0])]
points = sum(float(score) for verdict, score in children if verdict == "AC")
print("AC" if points or not failed else failed[0], f"{points:g}")
