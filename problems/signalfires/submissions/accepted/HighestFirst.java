import java.io.*;

/** Longest run that ends at each height, in a tree of maxima. */
public class HighestFirst {
    public static void main(String[] args) throws IOException {
        StreamTokenizer in = new StreamTokenizer(new BufferedInputStream(System.in));
        in.nextToken();
        int n = (int) in.nval;
        int[] best = new int[1_000_002];
        int answer = 0;
        for (int i = 0; i < n; i++) {
            in.nextToken();
            int height = (int) in.nval;
            int run = 0;
            for (int at = height - 1; at > 0; at -= at & -at) run = Math.max(run, best[at]);
            run++;
            for (int at = height; at < best.length; at += at & -at) best[at] = Math.max(best[at], run);
            answer = Math.max(answer, run);
        }
        System.out.println(answer);
    }
}
