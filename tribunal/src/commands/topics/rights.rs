//! The roles' rights as ACLs: which principal each role is, and what it may do.

use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use kafka::admin::{Acl, Operation, ResourceKind};
use schemas::topics::{Right, Role, Subject, rights};

/// Flags about ACLs.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct AclArgs {
    /// Who a role is to the cluster, for example `evaluator=User:judge` or `producer=User:CN=shop,O=Example`; repeat it
    /// for more roles, or for more principals of one role [default: User: and the role's name]
    #[arg(
        long = "principal",
        value_name = "ROLE=PRINCIPAL",
        help_heading = "ACLs"
    )]
    principals: Vec<String>,
    /// Leave ACLs alone: for a cluster where others look after them
    #[arg(long, conflicts_with = "principals", help_heading = "ACLs")]
    no_acls: bool,
}

impl AclArgs {
    /// Whether ACLs are looked at.
    pub(super) fn wanted(&self) -> bool {
        !self.no_acls
    }

    /// Whether somebody counts on them.
    pub(super) fn insisted_on(&self) -> bool {
        !self.principals.is_empty()
    }

    /// What every role needs, as the cluster takes it.
    pub(super) fn declared(&self) -> anyhow::Result<Vec<Acl>> {
        let named = self.named()?;
        let mut acls = Vec::new();
        for (role, subject, right) in rights() {
            let default = [format!("User:{}", role.name())];
            for principal in named.get(&role).map_or(default.as_slice(), Vec::as_slice) {
                acls.push(acl(principal, &subject, right));
            }
        }
        // Two roles may be one principal.
        acls.sort();
        acls.dedup();
        Ok(acls)
    }

    fn named(&self) -> anyhow::Result<BTreeMap<Role, Vec<String>>> {
        let mut named: BTreeMap<Role, Vec<String>> = BTreeMap::new();
        for text in &self.principals {
            let wrong = || format!("in --principal {text}");
            let (role, principal) = text.split_once('=').with_context(wrong)?;
            ensure!(
                principal.contains(':'),
                "in --principal {text}: a principal is written TYPE:NAME, for example User:{principal}"
            );
            let role: Role = role.parse().with_context(wrong)?;
            named.entry(role).or_default().push(principal.to_owned());
        }
        Ok(named)
    }
}

fn acl(principal: &str, subject: &Subject, right: Right) -> Acl {
    let operation = match right {
        Right::Read => Operation::Read,
        Right::Write => Operation::Write,
        Right::Describe => Operation::Describe,
        Right::DescribeConfigs => Operation::DescribeConfigs,
    };
    match subject {
        Subject::Topic(name) => Acl::allow(principal, operation, ResourceKind::Topic, name),
        Subject::Groups(prefix) => {
            Acl::allow(principal, operation, ResourceKind::Group, prefix).prefixed()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(principals: &[&str]) -> AclArgs {
        AclArgs {
            principals: principals.iter().map(|text| (*text).to_owned()).collect(),
            no_acls: false,
        }
    }

    fn writers_of_verdicts(acls: &[Acl]) -> Vec<&str> {
        let writes = |acl: &&Acl| acl.name == "verdicts" && acl.operation == Operation::Write;
        let writers = acls.iter().filter(writes);
        writers.map(|acl| acl.principal.as_str()).collect()
    }

    #[test]
    fn a_role_is_the_user_of_its_name_unless_others_are_named() -> anyhow::Result<()> {
        assert_eq!(
            writers_of_verdicts(&args(&[]).declared()?),
            ["User:evaluator"]
        );
        let named = args(&["evaluator=User:CN=judge,O=Example", "evaluator=User:other"]);
        assert_eq!(
            writers_of_verdicts(&named.declared()?),
            ["User:CN=judge,O=Example", "User:other"]
        );
        Ok(())
    }

    #[test]
    fn a_principal_without_a_type_or_a_role_is_explained() {
        for (text, hint) in [
            ("evaluator=judge", "User:judge"),
            ("judge=User:judge", "no role `judge`"),
            ("evaluator", "--principal evaluator"),
        ] {
            let error = args(&[text])
                .declared()
                .err()
                .map(|error| format!("{error:#}"));
            assert!(
                error.as_ref().is_some_and(|it| it.contains(hint)),
                "{error:?}"
            );
        }
    }
}
