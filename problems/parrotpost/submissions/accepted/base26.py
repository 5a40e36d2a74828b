turn, message = input(), input()
if turn == "teach":
    k, word = int(message), ""
    for _ in range(7):
        k, letter = divmod(k, 26)
        word = chr(ord("a") + letter) + word
    print(word)
else:
    k = 0
    for letter in message:
        k = k * 26 + ord(letter) - ord("a")
    print(k)
