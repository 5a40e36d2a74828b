import math

# Forgets the way back.
n, speed = input().split()
pools = [tuple(map(int, input().split())) for _ in range(int(n))]
print(sum(math.dist(a, b) for a, b in zip(pools, pools[1:])) / float(speed))
