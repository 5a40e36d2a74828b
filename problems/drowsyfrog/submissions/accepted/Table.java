import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;

class Main {
    public static void main(String[] args) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        int n = Integer.parseInt(in.readLine());
        String stones = in.readLine() + "o";
        long[] ways = new long[n + 2];
        ways[0] = 1;
        for (int i = 1; i <= n + 1; i++) {
            if (stones.charAt(i - 1) == '~') continue;
            for (int jump = 1; jump <= Math.min(3, i); jump++) ways[i] += ways[i - jump];
            ways[i] %= 1_000_000_007;
        }
        System.out.println(ways[n + 1]);
    }
}
