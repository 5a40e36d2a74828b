import java.util.Scanner;

class Main {
    public static void main(String[] args) {
        Scanner squirrel = new Scanner(System.in);
        int acorns = squirrel.nextInt();
        boolean ours = acorns % 4 != 0;
        System.out.println(ours ? "first" : "second");
        while (acorns > 0) {
            int taken = acorns % 4;
            if (ours) System.out.println(taken);
            else taken = squirrel.nextInt();
            acorns -= taken;
            ours = !ours;
        }
    }
}
