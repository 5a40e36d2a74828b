import java.util.Scanner;

class Main {
    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        int n = in.nextInt();
        double speed = Double.parseDouble(in.next());
        // No beach has more pools than this.
        double[] x = new double[200];
        double[] y = new double[200];
        for (int i = 0; i < n; i++) {
            x[i] = in.nextInt();
            y[i] = in.nextInt();
        }
        double length = 0;
        for (int i = 0; i < n; i++) length += Math.hypot(x[(i + 1) % n] - x[i], y[(i + 1) % n] - y[i]);
        System.out.println(length / speed);
    }
}
