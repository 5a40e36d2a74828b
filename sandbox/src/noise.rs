//! What makes times on this host differ from run to run. None of it is unsafe, so none of it stops the start.

use std::fs;
use std::path::Path;

/// One thing about the host that makes times less alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noise {
    /// Short name.
    pub name: &'static str,
    /// What was found.
    pub what: String,
    /// What to do about it.
    pub advice: &'static str,
}

struct Look {
    name: &'static str,
    /// Tells what it found, if that is noisy; what cannot be read is no finding.
    find: fn(&Path) -> Option<String>,
    advice: &'static str,
}

const LOOKS: [Look; 7] = [
    Look {
        name: "turbo",
        find: turbo,
        advice: "fix the clock: echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo, or echo 0 > /sys/devices/system/cpu/cpufreq/boost",
    },
    Look {
        name: "frequency-governor",
        find: governor,
        advice: "cpupower frequency-set -g performance",
    },
    Look {
        name: "smt",
        find: smt,
        advice: "echo off > /sys/devices/system/cpu/smt/control, or have no more slots than physical cores and set pin",
    },
    Look {
        name: "swap",
        find: swap,
        advice: "swapoff -a, and take it out of /etc/fstab: programs cannot swap, but what they wait for can",
    },
    Look {
        name: "address-randomisation",
        find: address_randomisation,
        advice: "sysctl kernel.randomize_va_space=0 makes runs more alike; it also makes attacks easier, so leave it unless close times matter",
    },
    Look {
        name: "huge-pages",
        find: huge_pages,
        advice: "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled",
    },
    Look {
        name: "no-steal-account",
        find: no_steal_account,
        advice: "verdicts cannot say when the hypervisor took the cores away: turn steal time on in the hypervisor, or judge on hardware of your own",
    },
];

/// Looks at this host.
pub fn noise() -> Vec<Noise> {
    below(Path::new("/"))
}

fn below(root: &Path) -> Vec<Noise> {
    let noise = |look: &Look| {
        Some(Noise {
            name: look.name,
            what: (look.find)(root)?,
            advice: look.advice,
        })
    };
    LOOKS.iter().filter_map(noise).collect()
}

fn read(root: &Path, path: &str) -> Option<String> {
    let text = fs::read_to_string(root.join(path)).ok()?;
    Some(text.trim().to_owned())
}

fn is(root: &Path, path: &str, value: &str) -> bool {
    read(root, path).is_some_and(|text| text == value)
}

fn turbo(root: &Path) -> Option<String> {
    let intel = is(root, "sys/devices/system/cpu/intel_pstate/no_turbo", "0");
    let other = is(root, "sys/devices/system/cpu/cpufreq/boost", "1");
    (intel || other).then(|| "a core runs faster while others are idle".to_owned())
}

fn governor(root: &Path) -> Option<String> {
    let governor = read(root, "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")?;
    (governor != "performance").then(|| format!("the clock follows the load ({governor})"))
}

fn smt(root: &Path) -> Option<String> {
    is(root, "sys/devices/system/cpu/smt/active", "1")
        .then(|| "two hardware threads share a core, so a busy neighbour costs CPU time".to_owned())
}

fn swap(root: &Path) -> Option<String> {
    let devices = read(root, "proc/swaps")?.lines().skip(1).count();
    (devices > 0).then(|| format!("{devices} swap devices are in use"))
}

fn address_randomisation(root: &Path) -> Option<String> {
    let level = read(root, "proc/sys/kernel/randomize_va_space")?;
    (level != "0").then(|| "every run has another memory layout".to_owned())
}

fn huge_pages(root: &Path) -> Option<String> {
    let choice = read(root, "sys/kernel/mm/transparent_hugepage/enabled")?;
    choice
        .contains("[always]")
        .then(|| "the kernel hands out huge pages when it happens to have them".to_owned())
}

/// Under a hypervisor some time is always stolen; none since the start means that nobody counts it.
fn no_steal_account(root: &Path) -> Option<String> {
    let processor = read(root, "proc/cpuinfo")?;
    let is_guest = processor.lines().any(|line| {
        line.starts_with("flags") && line.split_whitespace().any(|flag| flag == "hypervisor")
    });
    let stat = read(root, "proc/stat")?;
    let stolen = stat.lines().next()?.split_whitespace().nth(8)?;
    (is_guest && stolen == "0").then(|| "a virtual machine that is not told of steal".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A host of files.
    fn host(files: &[(&str, &str)]) -> std::io::Result<tempfile::TempDir> {
        let root = tempfile::tempdir()?;
        for (path, content) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap_or(root.path()))?;
            fs::write(path, content)?;
        }
        Ok(root)
    }

    const STEAL: &str = "cpu  1 2 3 4 5 6 7 8 0 0\n";

    #[test]
    fn everything_noisy_about_a_host_is_named_with_what_to_do() -> std::io::Result<()> {
        let cpu = "sys/devices/system/cpu";
        let root = host(&[
            (&format!("{cpu}/intel_pstate/no_turbo"), "0\n"),
            (
                &format!("{cpu}/cpu0/cpufreq/scaling_governor"),
                "powersave\n",
            ),
            (&format!("{cpu}/smt/active"), "1\n"),
            ("proc/swaps", "Filename Type\n/swapfile file\n"),
            ("proc/sys/kernel/randomize_va_space", "2\n"),
            (
                "sys/kernel/mm/transparent_hugepage/enabled",
                "[always] madvise never\n",
            ),
            ("proc/cpuinfo", "processor : 0\nflags : fpu hypervisor lm\n"),
            ("proc/stat", &STEAL.replace('8', "0")),
        ])?;
        let found = below(root.path());
        let names: Vec<_> = found.iter().map(|one| one.name).collect();
        let expected: Vec<_> = LOOKS.iter().map(|look| look.name).collect();
        assert_eq!(names, expected);
        assert!(found.iter().all(|one| !one.advice.is_empty()));
        Ok(())
    }

    #[test]
    fn a_quiet_host_and_one_that_shows_nothing_have_no_noise() -> std::io::Result<()> {
        let cpu = "sys/devices/system/cpu";
        let quiet = host(&[
            (&format!("{cpu}/cpufreq/boost"), "0\n"),
            (
                &format!("{cpu}/cpu0/cpufreq/scaling_governor"),
                "performance\n",
            ),
            (&format!("{cpu}/smt/active"), "0\n"),
            ("proc/swaps", "Filename Type\n"),
            ("proc/sys/kernel/randomize_va_space", "0\n"),
            (
                "sys/kernel/mm/transparent_hugepage/enabled",
                "always [madvise] never\n",
            ),
            ("proc/cpuinfo", "processor : 0\nflags : fpu hypervisor lm\n"),
            ("proc/stat", STEAL),
        ])?;
        assert_eq!(below(quiet.path()), []);
        assert_eq!(below(host(&[])?.path()), []);
        Ok(())
    }

    #[test]
    fn boost_is_turbo_by_another_name() -> std::io::Result<()> {
        let root = host(&[("sys/devices/system/cpu/cpufreq/boost", "1\n")])?;
        assert!(turbo(root.path()).is_some());
        Ok(())
    }
}
