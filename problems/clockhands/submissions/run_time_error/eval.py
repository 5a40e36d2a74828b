# 08 is not a number in Python.
hour, minute = (eval(word) for word in input().split(":"))
angle = abs(hour % 12 * 60 - 11 * minute)
print(min(angle, 720 - angle))
