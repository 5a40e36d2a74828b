"""Reads the stones, asks `solution.fewest_jumps`, prints its answer."""
import sys

from solution import fewest_jumps

count, *reach = map(int, sys.stdin.read().split())
print(fewest_jumps(reach))
