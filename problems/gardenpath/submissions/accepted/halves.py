n = int(input())
if n in (2, 3):
    print("impossible")
else:
    # The two halves laid like a zip: neighbours are about n/2 apart.
    half = n // 2
    path = [stone for i in range(1, half + 1) for stone in (i + half, i)]
    if n % 2 == 1:
        path.append(n)
    print(*path)
