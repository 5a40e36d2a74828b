# Keeps the list of multiples of every number.
n = int(input())
multiples = [list(range(0, n + 1, d)) for d in range(1, n + 1)]
hits = [0] * (n + 1)
for row in multiples[1:]:
    for multiple in row:
        hits[multiple] += 1
p = next(p for p in range(2, n) if hits[p] == 1 and hits[n - p] == 1)
print(p, n - p)
