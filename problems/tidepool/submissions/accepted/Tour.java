import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;

class Main {
    public static void main(String[] args) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        String[] head = in.readLine().split(" ");
        int n = Integer.parseInt(head[0]);
        double[] x = new double[n];
        double[] y = new double[n];
        for (int i = 0; i < n; i++) {
            String[] pool = in.readLine().split(" ");
            x[i] = Double.parseDouble(pool[0]);
            y[i] = Double.parseDouble(pool[1]);
        }
        double length = 0;
        for (int i = 0; i < n; i++) length += Math.hypot(x[(i + 1) % n] - x[i], y[(i + 1) % n] - y[i]);
        System.out.println(length / Double.parseDouble(head[1]));
    }
}
