//! A small assembler for seccomp's classic BPF.
//!
//! A filter is loaded for every run, and loading costs by length: the kernel translates it to machine code. So numbers
//! that meet the same fate are one range, ranges are found by binary search, and all share the few instructions that
//! decide. The kernel also runs the filter once for every number when it is loaded, which is what the search is for.

use libc::{
    BPF_ABS, BPF_JEQ, BPF_JGE, BPF_JGT, BPF_JMP, BPF_JSET, BPF_K, BPF_LD, BPF_RET, BPF_W,
    sock_filter,
};

/// What happens to one system call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It fails with this error.
    Errno(u16),
    /// It fails with the error if its first argument has one of these bits.
    IfFirstHas(u32, u16),
    /// It fails with the error unless its first argument is this.
    UnlessFirstIs(u32, u16),
}

// Offsets in `struct seccomp_data`; the first argument's low half, on little-endian machines.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const FIRST_ARGUMENT: u32 = 16;

#[cfg(target_arch = "x86_64")]
const NATIVE: u32 = 0xC000_003E;
#[cfg(target_arch = "aarch64")]
const NATIVE: u32 = 0xC000_00B7;

/// The bit that marks a call of the x32 convention.
const X32: u32 = 0x4000_0000;

/// Builds a filter that allows every number up to `highest` but for the sorted `exceptions`.
pub(super) fn assemble(highest: u32, exceptions: &[(u32, Verdict)]) -> Vec<sock_filter> {
    let mut program = vec![
        load(ARCHITECTURE),
        jump(BPF_JEQ, NATIVE, 1, 0),
        ret(libc::SECCOMP_RET_KILL_PROCESS),
        load(NUMBER),
        jump(BPF_JSET, X32, 0, 1),
        ret(libc::SECCOMP_RET_KILL_PROCESS),
        jump(BPF_JGT, highest, 0, 1),
        errno(libc::ENOSYS as u16),
    ];
    program.extend(search(&ranges(exceptions)));
    program
}

/// Where a range of numbers with the same fate begins; `None` is allowed.
type Range = (u32, Option<Verdict>);

/// Covers all numbers.
fn ranges(exceptions: &[(u32, Verdict)]) -> Vec<Range> {
    let mut ranges: Vec<Range> = vec![(0, None)];
    for &(number, verdict) in exceptions {
        // What was assumed to follow the last exception, unless this one comes right behind it.
        if ranges.last().is_some_and(|last| last.0 == number) {
            ranges.pop();
        }
        if ranges.last().is_none_or(|last| last.1 != Some(verdict)) {
            ranges.push((number, Some(verdict)));
        }
        ranges.push((number + 1, None));
    }
    ranges
}

/// Where a jump leads.
#[derive(Clone, Copy)]
enum Target {
    /// To another comparison.
    Node(usize),
    /// To a decision.
    Leaf(usize),
}

/// One comparison: at least the number, or below it.
struct Node {
    number: u32,
    at_least: Target,
    below: Target,
}

/// First all comparisons, then the decisions that they share.
fn search(ranges: &[Range]) -> Vec<sock_filter> {
    let (mut nodes, mut leaves) = (Vec::new(), Vec::new());
    let root = build(ranges, &mut nodes, &mut leaves);
    debug_assert!(matches!(root, Target::Node(0)) || nodes.is_empty());
    let mut decisions = Vec::new();
    let mut places = Vec::new();
    for leaf in leaves {
        places.push(nodes.len() + decisions.len());
        decisions.extend(decide(leaf));
    }
    let place = |target| match target {
        Target::Node(index) => index,
        Target::Leaf(index) => places[index],
    };
    let jumps = nodes.iter().enumerate().map(|(at, node)| {
        let [at_least, below] = [node.at_least, node.below].map(|target| place(target) - at - 1);
        // Jumps are one byte wide. A test loads the real filter and asks it for every number.
        debug_assert!(at_least.max(below) <= usize::from(u8::MAX));
        jump(BPF_JGE, node.number, at_least as u8, below as u8)
    });
    let mut program: Vec<_> = jumps.collect();
    program.extend(decisions);
    program
}

fn build(ranges: &[Range], nodes: &mut Vec<Node>, leaves: &mut Vec<Option<Verdict>>) -> Target {
    if let [(_, verdict)] = ranges {
        let known = leaves.iter().position(|leaf| leaf == verdict);
        return Target::Leaf(known.unwrap_or_else(|| {
            leaves.push(*verdict);
            leaves.len() - 1
        }));
    }
    let (low, high) = ranges.split_at(ranges.len() / 2);
    let index = nodes.len();
    nodes.push(Node {
        number: high[0].0,
        // Filled in below: both halves come after their comparison.
        at_least: Target::Node(index),
        below: Target::Node(index),
    });
    let below = build(low, nodes, leaves);
    let at_least = build(high, nodes, leaves);
    nodes[index].below = below;
    nodes[index].at_least = at_least;
    Target::Node(index)
}

fn decide(verdict: Option<Verdict>) -> Vec<sock_filter> {
    match verdict {
        None => vec![ret(libc::SECCOMP_RET_ALLOW)],
        Some(Verdict::Errno(error)) => vec![errno(error)],
        Some(Verdict::IfFirstHas(bits, error)) => vec![
            load(FIRST_ARGUMENT),
            jump(BPF_JSET, bits, 1, 0),
            ret(libc::SECCOMP_RET_ALLOW),
            errno(error),
        ],
        Some(Verdict::UnlessFirstIs(value, error)) => vec![
            load(FIRST_ARGUMENT),
            jump(BPF_JEQ, value, 0, 1),
            ret(libc::SECCOMP_RET_ALLOW),
            errno(error),
        ],
    }
}

fn load(offset: u32) -> sock_filter {
    instruction(BPF_LD | BPF_W | BPF_ABS, 0, 0, offset)
}

fn jump(condition: u32, value: u32, if_true: u8, if_false: u8) -> sock_filter {
    instruction(BPF_JMP | condition | BPF_K, if_true, if_false, value)
}

fn errno(error: u16) -> sock_filter {
    ret(libc::SECCOMP_RET_ERRNO | u32::from(error))
}

fn ret(action: u32) -> sock_filter {
    instruction(BPF_RET | BPF_K, 0, 0, action)
}

fn instruction(code: u32, jt: u8, jf: u8, k: u32) -> sock_filter {
    sock_filter {
        code: code as u16,
        jt,
        jf,
        k,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    #[test]
    fn neighbours_with_the_same_fate_share_a_comparison() {
        let lone = assemble(9, &[(4, Verdict::Errno(1))]);
        let three = [3, 4, 5].map(|number| (number, Verdict::Errno(1)));
        assert_eq!(assemble(9, &three).len(), lone.len());
        let mixed = [(3, Verdict::Errno(1)), (4, Verdict::Errno(2))];
        let program = assemble(9, &mixed);
        for (number, expected) in [
            (2, libc::SECCOMP_RET_ALLOW),
            (3, libc::SECCOMP_RET_ERRNO | 1),
            (4, libc::SECCOMP_RET_ERRNO | 2),
            (5, libc::SECCOMP_RET_ALLOW),
        ] {
            assert_eq!(
                judge(&program, &[(NUMBER, number), (ARCHITECTURE, NATIVE)]),
                expected
            );
        }
    }

    /// What a filter says to a call of our convention without arguments.
    pub(in crate::seccomp) fn judge_native(program: &[sock_filter], number: u32) -> u32 {
        judge(program, &[(NUMBER, number), (ARCHITECTURE, NATIVE)])
    }

    /// Runs a filter as the kernel would.
    fn judge(program: &[sock_filter], data: &[(u32, u32)]) -> u32 {
        let (mut at, mut accumulator) = (0, 0);
        loop {
            let one = program[at];
            at += 1;
            let code = u32::from(one.code);
            if code == BPF_RET | BPF_K {
                return one.k;
            }
            if code == BPF_LD | BPF_W | BPF_ABS {
                accumulator = data
                    .iter()
                    .find(|field| field.0 == one.k)
                    .map_or(0, |field| field.1);
                continue;
            }
            let holds = match code & 0xf0 {
                BPF_JEQ => accumulator == one.k,
                BPF_JGT => accumulator > one.k,
                BPF_JGE => accumulator >= one.k,
                BPF_JSET => accumulator & one.k != 0,
                other => panic!("unknown condition {other}"),
            };
            at += usize::from(if holds { one.jt } else { one.jf });
        }
    }

    #[test]
    fn every_number_meets_its_own_rule() {
        let exceptions: Vec<_> = (0..90)
            .map(|index| (index * 5 + 3, Verdict::Errno(index as u16 % 7 + 1)))
            .collect();
        let program = assemble(469, &exceptions);
        for number in 0..600 {
            let expected = match exceptions.iter().find(|one| one.0 == number) {
                Some((_, Verdict::Errno(error))) => libc::SECCOMP_RET_ERRNO | u32::from(*error),
                _ if number > 469 => libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32,
                _ => libc::SECCOMP_RET_ALLOW,
            };
            let data = [(NUMBER, number), (ARCHITECTURE, NATIVE)];
            assert_eq!(judge(&program, &data), expected, "number {number}");
        }
    }

    #[test]
    fn arguments_decide_where_a_rule_says_so() {
        let exceptions = [
            (1, Verdict::IfFirstHas(0x6, 1)),
            (2, Verdict::UnlessFirstIs(1, 1)),
        ];
        let program = assemble(9, &exceptions);
        let ask = |number, first| {
            judge(
                &program,
                &[
                    (NUMBER, number),
                    (ARCHITECTURE, NATIVE),
                    (FIRST_ARGUMENT, first),
                ],
            )
        };
        let refused = libc::SECCOMP_RET_ERRNO | 1;
        assert_eq!(ask(1, 0x1), libc::SECCOMP_RET_ALLOW);
        assert_eq!(ask(1, 0x5), refused);
        assert_eq!(ask(2, 1), libc::SECCOMP_RET_ALLOW);
        assert_eq!(ask(2, 40), refused);
    }

    #[test]
    fn foreign_conventions_kill() {
        let program = assemble(469, &[]);
        let foreign = [(NUMBER, 1), (ARCHITECTURE, 0x4000_0003)];
        let x32 = [(NUMBER, 1 | X32), (ARCHITECTURE, NATIVE)];
        assert_eq!(judge(&program, &foreign), libc::SECCOMP_RET_KILL_PROCESS);
        assert_eq!(judge(&program, &x32), libc::SECCOMP_RET_KILL_PROCESS);
    }
}
