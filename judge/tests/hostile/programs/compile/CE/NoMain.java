class NoMain {
    static void mian() {
    }
