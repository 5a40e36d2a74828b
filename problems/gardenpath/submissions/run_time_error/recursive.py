# Lays one stone a call.
def lay(stone, n):
    if stone > n:
        return []
    return [stone] + lay(stone + 2, n)


n = int(input())
if n in (2, 3):
    print("impossible")
else:
    print(*lay(2, n), *lay(1, n))
