# It decides by what it can reach: 43 says that it reached something.
import os, socket, sys

facts = dict(line.split(" ", 1) for line in open(sys.argv[1]).read().splitlines())
reached = [path for path in (facts["secret"], facts["answer"], facts["folder"], "/etc/shadow", "/sys", "/root") if os.path.exists(path)]
for path in ("/program/hostile-left", "/case/hostile-left", "/usr/hostile-left", "/case/answer"):
    try:
        open(path, "w").close()
        reached.append(f"wrote {path}")
    except OSError:
        pass
try:
    socket.create_connection(("127.0.0.1", int(facts["port"])), 2)
    reached.append("connected")
except OSError:
    pass
print(*reached, file=sys.stderr)
raise SystemExit(43 if reached else 42)
