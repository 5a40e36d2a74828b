import socket, sys

for name in ("judgemessage.txt", "teammessage.txt"):
    socket.socket(socket.AF_UNIX).bind(sys.argv[3] + name)
raise SystemExit(43)
