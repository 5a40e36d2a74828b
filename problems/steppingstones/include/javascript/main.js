// Reads the stones, asks `fewestJumps` of solution.js, prints its answer.
const { fewestJumps } = require("./solution.js");

const [, ...reach] = require("fs").readFileSync(0, "utf8").trim().split(/\s+/).map(Number);
console.log(fewestJumps(reach));
