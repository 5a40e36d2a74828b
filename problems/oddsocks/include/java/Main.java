import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.StringTokenizer;

/** Reads the basket, asks {@code Solution.oddSock}, prints its answer. */
class Main {
    public static void main(String[] args) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        long[] colours = new long[Integer.parseInt(in.readLine())];
        StringTokenizer words = new StringTokenizer(in.readLine());
        for (int i = 0; i < colours.length; i++) colours[i] = Long.parseLong(words.nextToken());
        System.out.println(Solution.oddSock(colours));
    }
}
