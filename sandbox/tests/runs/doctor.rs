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
fn a_host_without_what_we_need_is_refused_with_the_reason_for_each_protection() {
    // A control group cannot be made under a name with a slash.
    let config = SandboxConfig {
        cgroup: "no/such".to_owned(),
        ..SandboxConfig::default()
    };
    let Err(SandboxError::Unprotected(report)) = Sandbox::open(config) else {
        panic!("it was opened");
    };
    for one in &report.protections {
        let ProtectionState::Missing(why) = &one.state else {
            panic!("{} is {:?}", one.name, one.state);
        };
        assert!(why.contains("no/such"), "{why}");
        assert!(!one.advice.is_empty());
    }
}

#[test]
fn only_protections_that_can_be_spared_can_be_waived() -> anyhow::Result<()> {
    let waiving = |name: &str| {
        Sandbox::open(SandboxConfig {
            waived: vec![name.to_owned()],
            ..SandboxConfig::default()
        })
    };
    for name in ["memory-limit", "no such thing"] {
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
