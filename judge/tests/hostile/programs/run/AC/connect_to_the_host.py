import socket
import urllib.request

facts = dict(line.split(" ", 1) for line in open(0).read().splitlines())
done = []
for address in [("127.0.0.1", int(facts["port"])), ("localhost", 9092), ("169.254.169.254", 80)]:
    try:
        socket.create_connection(address, 2)
        done.append(f"connected to {address}")
    except OSError:
        pass
try:
    done.append(str(socket.getaddrinfo("example.org", 80)))
except OSError:
    pass
try:
    urllib.request.urlopen(f"http://127.0.0.1:{facts['port']}/", timeout=2)
    done.append("fetched")
except OSError:
    pass
print(*done or ["refused"])
