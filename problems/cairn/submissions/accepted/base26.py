who, n, *word = input().split()
if who == "scout":
    low, high = 1, int(n)
    while low < high:
        middle = (low + high) // 2
        print("probe", middle, flush=True)
        answer = input()
        if answer == "here":
            low = high = middle
        elif answer == "before":
            high = middle - 1
        else:
            low = middle + 1
    letters, step = "", low
    for _ in range(4):
        step, letter = divmod(step, 26)
        letters = chr(ord("a") + letter) + letters
    print("leave", letters)
else:
    step = 0
    for letter in word[0]:
        step = step * 26 + ord(letter) - ord("a")
    print("dig", step)
