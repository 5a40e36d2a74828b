import java.util.Scanner;

class Main {
    public static void main(String[] args) {
        int n = new Scanner(System.in).nextInt();
        StringBuilder shares = new StringBuilder("1 2 3");
        long chest = 6;
        for (int heir = 4; heir <= n; heir++, chest *= 2) shares.append(' ').append(chest);
        System.out.println(shares);
    }
}
