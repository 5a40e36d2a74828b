from collections import Counter

_, target = map(int, input().split())
seen, count = Counter(), 0
for weight in map(int, input().split()):
    count += seen[target - weight]
    seen[weight] += 1
print(count)
