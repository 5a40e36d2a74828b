//! What the hypervisor takes from this host's cores, as the kernel tells it.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Reading costs more with every core, and the kernel counts in ticks of this length anyhow: all slots share one look.
const TICK: Duration = Duration::from_millis(10);
/// Which number of a line is steal.
const STEAL: usize = 7;

/// The last look at the accounts of all cores.
#[derive(Debug)]
struct Look {
    at: Instant,
    /// Stolen from all cores together, in ticks.
    all: u64,
    /// From each that is online, by its number.
    cores: Vec<(usize, u64)>,
}

static LAST: Mutex<Option<Look>> = Mutex::new(None);

/// Stolen since the host was started: from one core, or from all together. Ten milliseconds old at most.
pub(crate) fn stolen(core: Option<usize>) -> io::Result<Duration> {
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    let look = match last.take() {
        Some(look) if look.at.elapsed() < TICK => look,
        _ => look()?,
    };
    let ticks = match core {
        None => look.all,
        Some(wanted) => look
            .cores
            .iter()
            .find(|(core, _)| *core == wanted)
            .map_or(0, |(_, ticks)| *ticks),
    };
    *last = Some(look);
    Ok(
        Duration::from_secs(1) * u32::try_from(ticks).unwrap_or(u32::MAX)
            / rustix::param::clock_ticks_per_second() as u32,
    )
}

fn look() -> io::Result<Look> {
    let mut buffer = vec![0; 64 << 10];
    let length = File::open("/proc/stat")?.read_at(&mut buffer, 0)?;
    let text = String::from_utf8_lossy(&buffer[..length]);
    let mut look = Look {
        at: Instant::now(),
        all: 0,
        cores: Vec::new(),
    };
    for line in text.lines() {
        let mut words = line.split_ascii_whitespace();
        let Some(core) = words.next().and_then(|name| name.strip_prefix("cpu")) else {
            // The cores come first, and many lines nobody asks for after them.
            break;
        };
        let ticks = words.nth(STEAL).and_then(|word| word.parse().ok());
        let ticks = ticks.unwrap_or(0);
        match core.parse() {
            Ok(core) => look.cores.push((core, ticks)),
            Err(_) => look.all = ticks,
        }
    }
    Ok(look)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stolen_from_the_cores_is_what_is_stolen_from_all() -> io::Result<()> {
        let look = look()?;
        assert!(!look.cores.is_empty());
        let sum: u64 = look.cores.iter().map(|(_, ticks)| ticks).sum();
        assert!(sum.abs_diff(look.all) <= look.cores.len() as u64);
        Ok(())
    }
}
