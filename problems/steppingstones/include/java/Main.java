import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.StringTokenizer;

/** Reads the stones, asks {@code Solution.fewestJumps}, prints its answer. */
class Main {
    public static void main(String[] args) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        int[] reach = new int[Integer.parseInt(in.readLine())];
        StringTokenizer words = new StringTokenizer(in.readLine());
        for (int i = 0; i < reach.length; i++) reach[i] = Integer.parseInt(words.nextToken());
        System.out.println(Solution.fewestJumps(reach));
    }
}
