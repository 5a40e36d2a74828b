import java.util.Scanner;

class Main {
    public static void main(String[] args) {
        Scanner librarian = new Scanner(System.in);
        long low = 1, high = librarian.nextLong();
        while (true) {
            long middle = (low + high) / 2;
            System.out.println(middle);
            String answer = librarian.next();
            if (answer.equals("here")) return;
            if (answer.equals("left")) high = middle - 1;
            else low = middle + 1;
        }
    }
}
