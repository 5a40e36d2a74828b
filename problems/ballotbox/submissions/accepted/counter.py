import sys
from collections import Counter

counts = Counter(sys.stdin.read().split()[1:])
winner = min(counts, key=lambda name: (-counts[name], name))
print(winner, counts[winner])
