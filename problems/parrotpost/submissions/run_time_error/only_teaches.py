turn, message = input(), input()
k, word = int(message), ""
for _ in range(7):
    k, letter = divmod(k, 26)
    word = chr(ord("a") + letter) + word
print(word)
