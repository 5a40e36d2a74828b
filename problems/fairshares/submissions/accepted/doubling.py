shares = [1, 2, 3]
for _ in range(int(input()) - 3):
    shares.append(sum(shares))
print(*shares)
