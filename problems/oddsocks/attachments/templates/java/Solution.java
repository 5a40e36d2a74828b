class Solution {
    static long oddSock(long[] colours) {
        return 0;
    }
}
