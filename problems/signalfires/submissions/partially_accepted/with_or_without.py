# 30 points: tries every tower with and without a fire.
# @EXPECTED_SCORE@: 30
import sys

sys.setrecursionlimit(10_000)
input()
heights = list(map(int, input().split()))


def fires(at, last):
    if at == len(heights):
        return 0
    without = fires(at + 1, last)
    if heights[at] <= last:
        return without
    return max(without, 1 + fires(at + 1, heights[at]))


print(fires(0, 0))
