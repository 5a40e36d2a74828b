# Forgets the jumps of three places.
input()
b, c = 0, 1
for stone in input() + "o":
    b, c = c, (b + c) % 1_000_000_007 if stone == "o" else 0
print(c)
