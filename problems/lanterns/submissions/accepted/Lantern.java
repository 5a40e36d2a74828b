import java.util.Scanner;

class Main {
    public static void main(String[] args) {
        int n = new Scanner(System.in).nextInt();
        StringBuilder out = new StringBuilder();
        for (int row = 1 - n; row < n; row++) {
            int width = n - Math.abs(row);
            out.append(" ".repeat(n - width));
            for (int i = 1 - width; i < width; i++) out.append((char) ('a' + width - 1 - Math.abs(i)));
            out.append('\n');
        }
        System.out.print(out);
    }
}
