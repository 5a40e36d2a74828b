import os, sys

facts = dict(line.split(" ", 1) for line in open(sys.argv[1]).read().splitlines())
for name in ("judgemessage.txt", "teammessage.txt", "score.txt", "score_multiplier.txt", "nextpass.in"):
    os.symlink(facts["writable"], sys.argv[3] + name)
raise SystemExit(43)
