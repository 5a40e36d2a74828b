# Loses whenever the heap is a multiple of four; the other squirrel is gone then, and input() fails.
acorns = int(input())
print("first", flush=True)
while acorns:
    taken = acorns % 4 or 1
    print(taken, flush=True)
    acorns -= taken
    if acorns:
        acorns -= int(input())
