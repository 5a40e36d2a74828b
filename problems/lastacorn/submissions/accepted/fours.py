acorns = int(input())
print("first" if acorns % 4 else "second", flush=True)
ours = acorns % 4 != 0
while acorns:
    if ours:
        taken = acorns % 4
        print(taken, flush=True)
    else:
        taken = int(input())
    acorns -= taken
    ours = not ours
