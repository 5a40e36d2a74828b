import java.util.BitSet;
import java.util.Scanner;

class Main {
    public static void main(String[] args) {
        int n = new Scanner(System.in).nextInt();
        BitSet primes = new BitSet(n + 1);
        primes.set(2, n + 1);
        for (int p = 2; p <= n / p; p++) {
            if (!primes.get(p)) continue;
            for (int multiple = p * p; multiple <= n; multiple += p) primes.clear(multiple);
        }
        for (int p = primes.nextSetBit(2); p > 0; p = primes.nextSetBit(p + 1)) {
            if (primes.get(n - p)) {
                System.out.println(p + " " + (n - p));
                return;
            }
        }
    }
}
