import java.util.Scanner;
import java.util.stream.IntStream;

class Main {
    public static void main(String[] args) {
        int n = new Scanner(System.in).nextInt();
        if (n == 2 || n == 3) throw new IllegalArgumentException("there is no path of " + n + " stones");
        StringBuilder path = new StringBuilder();
        IntStream.concat(IntStream.iterate(2, s -> s <= n, s -> s + 2), IntStream.iterate(1, s -> s <= n, s -> s + 2))
            .forEach(stone -> path.append(stone).append(' '));
        System.out.println(path);
    }
}
