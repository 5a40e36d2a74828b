import java.util.Scanner;

class Main {
    public static void main(String[] args) {
        Scanner librarian = new Scanner(System.in);
        int n = librarian.nextInt();
        boolean[] asked = new boolean[1000];
        int low = 1, high = n;
        while (true) {
            int middle = (low + high) / 2;
            asked[middle] = true;
            System.out.println(middle);
            String answer = librarian.next();
            if (answer.equals("here")) return;
            if (answer.equals("left")) high = middle - 1;
            else low = middle + 1;
        }
    }
}
