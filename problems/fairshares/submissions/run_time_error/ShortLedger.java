import java.util.Scanner;

class Main {
    public static void main(String[] args) {
        int n = new Scanner(System.in).nextInt();
        long[] shares = new long[32];
        long chest = 0;
        for (int heir = 0; heir < n; heir++) {
            shares[heir] = heir < 3 ? heir + 1 : chest;
            chest += shares[heir];
        }
        for (int heir = 0; heir < n; heir++) System.out.println(shares[heir]);
    }
}
