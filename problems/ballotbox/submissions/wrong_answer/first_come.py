import sys
from collections import Counter

# A tie goes to whoever was met first.
print(*Counter(sys.stdin.read().split()[1:]).most_common(1)[0])
