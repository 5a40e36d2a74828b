input()
a, b, c = 0, 0, 1
for stone in input() + "o":
    a, b, c = b, c, (a + b + c) % 1_000_000_007 if stone == "o" else 0
print(c)
