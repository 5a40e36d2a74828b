import java.io.*;
import java.util.*;

public class Narrow {
    public static void main(String[] args) throws IOException {
        StreamTokenizer in = new StreamTokenizer(new BufferedInputStream(System.in));
        in.nextToken();
        int n = (int) in.nval;
        in.nextToken();
        int target = (int) in.nval;
        Map<Integer, int[]> seen = new HashMap<>();
        int count = 0;
        String pair = "none";
        for (int place = 1; place <= n; place++) {
            in.nextToken();
            int weight = (int) in.nval;
            int[] others = seen.get(target - weight);
            if (others != null) {
                count += others[0];
                pair = others[1] + " " + place;
            }
            int[] same = seen.computeIfAbsent(weight, key -> new int[2]);
            same[0]++;
            same[1] = place;
        }
        System.out.println(count);
        System.out.println(pair);
    }
}
