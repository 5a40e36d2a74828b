# The alphabet ends too early.
ALPHABET = "abcdefghijklmnopqrstuvwxy"
n = int(input())
for row in range(1 - n, n):
    width = n - abs(row)
    up = "".join(ALPHABET[i] for i in range(width))
    print(" " * abs(row) + up + up[-2::-1])
