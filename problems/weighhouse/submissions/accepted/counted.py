from collections import Counter

_, target = map(int, input().split())
seen, count, pair, places = Counter(), 0, "none", {}
for place, weight in enumerate(map(int, input().split()), start=1):
    other = target - weight
    if seen[other]:
        count += seen[other]
        pair = f"{places[other]} {place}"
    seen[weight] += 1
    places[weight] = place
print(count)
print(pair)
