// Always as far as possible: a shorter jump to a better stone is not seen.
exports.fewestJumps = (reach) => {
    let jumps = 0, here = 0;
    while (here < reach.length - 1) {
        if (reach[here] === 0) return -1;
        here += reach[here];
        jumps++;
    }
    return jumps;
};
