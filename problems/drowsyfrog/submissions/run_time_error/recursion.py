from functools import cache

input()
stones = input() + "o"


# Remembers well, but a frog that asks for its way a thousand stones deep meets Python's limit.
@cache
def ways(place):
    if place < 0:
        return 1 if place == -1 else 0
    if stones[place] == "~":
        return 0
    return (ways(place - 1) + ways(place - 2) + ways(place - 3)) % 1_000_000_007


print(ways(len(stones) - 1))
