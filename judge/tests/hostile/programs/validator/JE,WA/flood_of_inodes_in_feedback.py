import sys

try:
    for number in range(100_000):
        open(f"{sys.argv[3]}{number}", "w").close()
except OSError:
    pass
raise SystemExit(43)
