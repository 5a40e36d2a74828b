//! Every protection is tried at the start, and none may be missing by accident.

use sandbox::{ProtectionState, Sandbox, SandboxConfig, SandboxError};

use crate::support::*;

#[test]
fn every_protection_is_active_here() {
    let report = sandbox().report();
    assert!(report.is_safe(), "{report}");
    let inactive = report
        .protections
        .iter()
        .find(|one| one.state != ProtectionState::Active);
    assert_eq!(inactive, None, "{report}");
    assert!(report.active().contains(&"system-call-filter"));
    assert!(
        report.to_string().contains("active   memory-limit"),
        "{report}"
    );
}

#[test]
fn a_host_without_what_we_need_is_refused_with_the_reason() -> anyhow::Result<()> {
    // A control group cannot be made under a name with a slash.
    let config = SandboxConfig {
        cgroup: "no/such".to_owned(),
        ..SandboxConfig::default()
    };
    let Err(SandboxError::Unprotected(report)) = Sandbox::open(config) else {
        panic!("it was opened");
    };
    let missing: Vec<_> = report
        .protections
        .iter()
        .filter(|one| one.state != ProtectionState::Active)
        .collect();
    // What comes before can be had; what comes after is not claimed.
    assert_eq!(missing.len(), report.protections.len() - 1, "{report}");
    assert_eq!(missing[0].name, "control-groups");
    let ProtectionState::Missing(why) = &missing[0].state else {
        panic!("{report}");
    };
    assert!(why.contains("no/such"), "{why}");
    assert!(report.to_string().contains(missing[0].advice), "{report}");
    Ok(())
}

#[test]
fn only_protections_that_can_be_spared_can_be_waived() -> anyhow::Result<()> {
    let waiving = |name: &str| {
        Sandbox::open(SandboxConfig {
            waived: vec![name.to_owned()],
            ..SandboxConfig::default()
        })
    };
    let spared = ["swap-off", "private-file-locks"];
    let names = sandbox().protections().iter().map(|one| one.name);
    for name in names
        .filter(|name| !spared.contains(name))
        .chain(["no such thing"])
    {
        assert!(
            matches!(waiving(name), Err(SandboxError::Request(_))),
            "{name}"
        );
    }
    let without_locks = waiving("private-file-locks")?;
    let locks = without_locks
        .protections()
        .iter()
        .find(|one| one.name == "private-file-locks");
    assert!(matches!(
        locks.map(|one| &one.state),
        Some(ProtectionState::Waived(_))
    ));
    assert!(
        !without_locks
            .report()
            .active()
            .contains(&"private-file-locks")
    );
    Ok(())
}
