import java.util.Scanner;

class Main {
    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        if (in.next().equals("teach")) {
            // Java counts up to 36: with digits first. Move them up among the letters.
            StringBuilder word = new StringBuilder();
            for (char digit : Long.toString(in.nextLong(), 26).toCharArray()) {
                word.append((char) ('a' + Character.digit(digit, 26)));
            }
            System.out.println(word);
        } else {
            long k = 0;
            for (char letter : in.next().toCharArray()) k = k * 26 + (letter - 'a');
            System.out.println(k);
        }
    }
}
