import java.util.Scanner;

class Main {
    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        int n = in.nextInt();
        // Who would have thought that so many want to be mayor.
        String[] names = new String[100];
        int[] counts = new int[100];
        int known = 0;
        for (int i = 0; i < n; i++) {
            String name = in.next();
            int at = 0;
            while (at < known && !names[at].equals(name)) at++;
            if (at == known) names[known++] = name;
            counts[at]++;
        }
        int best = 0;
        for (int at = 1; at < known; at++) {
            if (counts[at] > counts[best] || counts[at] == counts[best] && names[at].compareTo(names[best]) < 0) best = at;
        }
        System.out.println(names[best] + " " + counts[best]);
    }
}
