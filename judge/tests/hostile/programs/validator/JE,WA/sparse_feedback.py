import os, sys

with open(sys.argv[3] + "judgemessage.txt", "w") as message:
    try:
        os.truncate(message.fileno(), 1 << 40)
    except OSError:
        pass
raise SystemExit(43)
