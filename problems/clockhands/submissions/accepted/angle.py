hour, minute = map(int, input().split(":"))
angle = abs(hour % 12 * 60 - 11 * minute)
print(min(angle, 720 - angle))
