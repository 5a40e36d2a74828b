who, n, *word = input().split()
print("leave x" if who == "scout" else f"dig {(int(n) + 1) // 2}")
