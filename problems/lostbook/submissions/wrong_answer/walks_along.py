# One place after the other; on a long shelf the librarian loses patience, and input() then fails: too late to count.
n = int(input())
for place in range(1, n + 1):
    print(place, flush=True)
    if input() == "here":
        break
