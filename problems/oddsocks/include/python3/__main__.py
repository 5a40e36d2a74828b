"""Reads the basket, asks `solution.odd_sock`, prints its answer."""
import sys

from solution import odd_sock

count, *colours = map(int, sys.stdin.read().split())
print(odd_sock(colours))
