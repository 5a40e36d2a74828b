"""Accepts any two primes with the right sum: two_primes.py INPUT ANSWER FEEDBACK_DIR/ < OUTPUT"""
import sys
from pathlib import Path

ACCEPT, REJECT = 42, 43


def is_prime(number):
    return number >= 2 and all(number % d for d in range(2, int(number**0.5) + 1))


def complaint(n, words):
    """What is wrong with the output, or nothing."""
    if len(words) != 2:
        return f"expected two numbers, got {len(words)} words"
    if not all(word.isascii() and word.isdigit() and len(word) <= 7 for word in words):
        return "not two whole numbers of at most seven digits"
    cakes = [int(word) for word in words]
    for candles in cakes:
        if not is_prime(candles):
            return f"{candles} is not prime"
    if sum(cakes) != n:
        return f"{cakes[0]} + {cakes[1]} is not {n}"
    return None


input_path, _answer_path, feedback_dir = sys.argv[1:4]
wrong = complaint(int(Path(input_path).read_text()), sys.stdin.read().split())
if wrong:
    (Path(feedback_dir) / "judgemessage.txt").write_text(wrong + "\n")
    (Path(feedback_dir) / "teammessage.txt").write_text("Grandmother counts the candles and shakes her head.\n")
sys.exit(REJECT if wrong else ACCEPT)
