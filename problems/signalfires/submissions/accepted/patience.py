from bisect import bisect_left

input()
ends = []
for height in map(int, input().split()):
    place = bisect_left(ends, height)
    if place == len(ends):
        ends.append(height)
    else:
        ends[place] = height
print(len(ends))
