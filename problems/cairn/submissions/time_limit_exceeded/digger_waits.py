who, n, *word = input().split()
if who == "scout":
    print("leave x")
else:
    input()
