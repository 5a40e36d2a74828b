import java.util.Scanner;

class Main {
    static boolean isPrime(int number) {
        for (int d = 3; d * d <= number; d += 2) {
            if (number % d == 0) return false;
        }
        return number % 2 == 1 && number > 1;
    }

    public static void main(String[] args) {
        int n = new Scanner(System.in).nextInt();
        int p = 3;
        while (!isPrime(p) || !isPrime(n - p)) p += 2;
        // With n = 4 the search leaves the family tree: 2 + 2 has no odd prime in it.
        System.out.println(p + " " + (n - p));
    }
}
