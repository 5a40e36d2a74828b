# Finds every prime first, each by every divisor below it.
n = int(input())
primes = [p for p in range(2, n) if all(p % d for d in range(2, p))]
known = set(primes)
p = next(p for p in primes if n - p in known)
print(p, n - p)
