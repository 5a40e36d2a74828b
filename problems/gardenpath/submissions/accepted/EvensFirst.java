import java.util.Scanner;

class Main {
    public static void main(String[] args) {
        int n = new Scanner(System.in).nextInt();
        if (n == 2 || n == 3) {
            System.out.println("impossible");
            return;
        }
        StringBuilder path = new StringBuilder();
        for (int stone = 2; stone <= n; stone += 2) path.append(stone).append(' ');
        for (int stone = 1; stone <= n; stone += 2) path.append(stone).append(' ');
        System.out.println(path);
    }
}
