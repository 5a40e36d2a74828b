import java.util.Scanner;

class Main {
    public static void main(String[] args) {
        Scanner squirrel = new Scanner(System.in);
        int acorns = squirrel.nextInt();
        if (acorns % 4 == 0) throw new IllegalStateException("not my turn");
        System.out.println("first");
        for (boolean ours = true; acorns > 0; ours = !ours) {
            int taken = acorns % 4;
            if (ours) System.out.println(taken);
            else taken = squirrel.nextInt();
            acorns -= taken;
        }
    }
}
