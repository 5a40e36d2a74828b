import string

n = int(input())
for row in range(1 - n, n):
    up = string.ascii_lowercase[: n - abs(row)]
    print(" " * abs(row) + up + up[-2::-1])
