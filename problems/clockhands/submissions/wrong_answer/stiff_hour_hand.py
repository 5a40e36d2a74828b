# The hour hand waits for the full hour.
hour, minute = map(int, input().split(":"))
angle = abs(hour % 12 * 60 - 12 * minute)
print(min(angle, 720 - angle))
