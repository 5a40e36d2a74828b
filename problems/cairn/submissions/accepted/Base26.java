import java.util.Scanner;

class Main {
    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        String who = in.next();
        int n = in.nextInt();
        if (who.equals("digger")) {
            int step = 0;
            for (char letter : in.next().toCharArray()) step = step * 26 + (letter - 'a');
            System.out.println("dig " + step);
            return;
        }
        int low = 1, high = n;
        while (low < high) {
            int middle = (low + high) / 2;
            System.out.println("probe " + middle);
            switch (in.next()) {
                case "before" -> high = middle - 1;
                case "behind" -> low = middle + 1;
                default -> low = high = middle;
            }
        }
        String word = "";
        for (int letter = 0; letter < 4; letter++, low /= 26) word = (char) ('a' + low % 26) + word;
        System.out.println("leave " + word);
    }
}
