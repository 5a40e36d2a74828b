# One letter a digit: more than a parrot remembers.
turn, message = input(), input()
if turn == "teach":
    print("".join(chr(ord("a") + int(digit)) for digit in message))
else:
    print(int("".join(str(ord(letter) - ord("a")) for letter in message)))
