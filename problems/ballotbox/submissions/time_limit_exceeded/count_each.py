import sys

# Walks through all the ballots again for every one of them.
ballots = sys.stdin.read().split()[1:]
winner = min(ballots, key=lambda name: (-ballots.count(name), name))
print(winner, ballots.count(winner))
