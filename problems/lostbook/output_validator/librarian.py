"""Answers questions about the lost book: librarian.py INPUT ANSWER FEEDBACK_DIR/ < QUESTIONS > ANSWERS"""
import sys
from pathlib import Path

ACCEPT, REJECT = 42, 43
QUESTIONS = 30

feedback_dir = Path(sys.argv[3])
n, place = map(int, Path(sys.argv[1]).read_text().split())


def end(status, message):
    (feedback_dir / "judgemessage.txt").write_text(message + "\n")
    if status == REJECT:
        (feedback_dir / "teammessage.txt").write_text("The book stays lost.\n")
    sys.exit(status)


def say(words):
    try:
        print(words, flush=True)
    except BrokenPipeError:
        end(REJECT, "nobody listens any more")


say(n)
for asked in range(1, QUESTIONS + 1):
    question = sys.stdin.readline()
    if not question:
        end(REJECT, f"no question after {asked - 1} of them")
    question = question.strip()
    if not (question.isascii() and question.isdigit() and len(question) <= 10 and 1 <= int(question) <= n):
        end(REJECT, f"question {asked} is not a place on the shelf")
    guess = int(question)
    if guess == place:
        say("here")
        end(ACCEPT, f"found with {asked} questions")
    say("left" if place < guess else "right")
end(REJECT, f"not found with {QUESTIONS} questions")
