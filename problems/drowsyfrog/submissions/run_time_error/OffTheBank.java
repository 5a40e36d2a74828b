import java.util.Scanner;

class Main {
    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        int n = in.nextInt();
        String stones = in.next();
        long[] ways = new long[n + 4];
        ways[0] = 1;
        for (int i = 0; i <= n; i++) {
            // A jump across the last stone lands where there is no character.
            for (int jump = 1; jump <= 3; jump++) {
                if (stones.charAt(i + jump - 1) == 'o') ways[i + jump] = (ways[i + jump] + ways[i]) % 1_000_000_007;
            }
        }
        System.out.println(ways[n + 1]);
    }
}
