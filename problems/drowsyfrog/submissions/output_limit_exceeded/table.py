import sys

input()
ways = [0, 0, 1]
for place, stone in enumerate(input() + "o", start=1):
    ways.append(sum(ways[-3:]) % 1_000_000_007 if stone == "o" else 0)
    print(f"place {place}: {ways[-1]} ways so far", file=sys.stderr)
print(ways[-1])
