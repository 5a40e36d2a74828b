n, target = map(int, input().split())
weights = list(map(int, input().split()))
count, pair = 0, "none"
for i in range(n):
    other = target - weights[i]
    for j in range(i):
        if weights[j] == other:
            count += 1
            pair = f"{j + 1} {i + 1}"
print(count)
print(pair)
