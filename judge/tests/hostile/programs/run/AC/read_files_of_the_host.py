import glob
import os

facts = dict(line.split(" ", 1) for line in open(0).read().splitlines())
found = []
for path in [facts["secret"], facts["answer"], facts["folder"], "/etc/shadow", f"/proc/{facts['pid']}/environ"]:
    if os.path.exists(path):
        found.append(path)
found += glob.glob("/proc/[0-9]*/root/*") if os.getpid() != 2 else []
found += [name for name in os.environ if name not in ("HOME", "LANG", "LC_ALL", "LC_CTYPE", "PATH", "PWD", "TZ")]
print(*found or ["refused"])
