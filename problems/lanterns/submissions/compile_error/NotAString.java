import java.util.Scanner;

class Main {
    public static void main(String[] args) {
        String n = new Scanner(System.in).nextInt();
        System.out.println(n);
    }
}
