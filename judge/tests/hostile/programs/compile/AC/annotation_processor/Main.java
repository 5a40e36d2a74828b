public class Main {
    @Deprecated
    public static void main(String[] arguments) throws Exception {
        boolean ran = new java.io.File("/program/hostile-left").exists() || Main.class.getResource("/hostile-left") != null;
        System.out.println(ran ? "code ran in the compiler" : "refused");
    }
}
