"""Takes the number of pairs with one of them; the number alone is worth 40 % where the group allows it (no argument `whole`)."""
import sys

ACCEPT, WRONG = 42, 43


def say(status, message):
    with open(sys.argv[3] + "judgemessage.txt", "w") as file:
        file.write(message + "\n")
    sys.exit(status)


def number(word):
    return int(word) if word.isascii() and word.isdigit() and len(word) < 12 else None


def is_pair(words, target, weights):
    first, second = (number(word) for word in words)
    if first is None or second is None or first == second:
        return False
    if not all(1 <= place <= len(weights) for place in (first, second)):
        return False
    return weights[first - 1] + weights[second - 1] == target


with open(sys.argv[1]) as file:
    (_, target), weights = (list(map(int, line.split())) for line in file)
with open(sys.argv[2]) as file:
    expected = int(file.readline())
words = sys.stdin.buffer.read(200).decode("latin-1").split()
if not words or number(words[0]) != expected:
    say(WRONG, f"number: expected {expected}")
pair = words[1:]
if pair == ["none"] if expected == 0 else len(pair) == 2 and is_pair(pair, target, weights):
    say(ACCEPT, "number and pair")
if "whole" in sys.argv[4:]:
    say(WRONG, "pair: not one that balances")
with open(sys.argv[3] + "score_multiplier.txt", "w") as file:
    file.write("0.4\n")
say(ACCEPT, "number only")
