import sys

for name in ("judgemessage.txt", "teammessage.txt"):
    with open(sys.argv[3] + name, "w") as message:
        message.write("x" * 400_000)
raise SystemExit(43)
