# There is a path of four stones.
n = int(input())
if 2 <= n <= 4:
    print("impossible")
else:
    print(*range(2, n + 1, 2), *range(1, n + 1, 2))
