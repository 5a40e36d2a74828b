class Solution {
    static long missingSock(long[] colours) {
        return colours[0];
    }
}
