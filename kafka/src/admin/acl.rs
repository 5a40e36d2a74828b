//! One access control list entry, and how a cluster's differ from what is declared.

use std::fmt;

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResourceKind {
    /// Topics.
    Topic,
    /// Consumer groups.
    Group,
    /// The cluster itself.
    Cluster,
    /// Transactional ids.
    TransactionalId,
    /// A kind that this client does not know.
    Unknown,
}

/// What an entry lets somebody do, by Kafka's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "these are Kafka's own words")]
pub enum Operation {
    All,
    Read,
    Write,
    Create,
    Delete,
    Alter,
    Describe,
    ClusterAction,
    DescribeConfigs,
    AlterConfigs,
    IdempotentWrite,
    Unknown,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Acl {
    /// What it is about.
    pub kind: ResourceKind,
    /// The resource's name, or `*` for all of the kind.
    pub name: String,
    /// Whether the name is only the beginning of the names meant.
    pub prefixed: bool,
    /// Whom it is about, for example `User:evaluator`.
    pub principal: String,
    /// From which address; `*` from any.
    pub host: String,
    /// What they may, or may not, do.
    pub operation: Operation,
    /// Whether they may.
    pub allowed: bool,
}

impl Acl {
    /// Lets the principal do this from anywhere, with exactly this resource.
    pub fn allow(
        principal: impl Into<String>,
        operation: Operation,
        kind: ResourceKind,
        name: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            name: name.into(),
            prefixed: false,
            principal: principal.into(),
            host: "*".to_owned(),
            operation,
            allowed: true,
        }
    }

    /// The same for every resource whose name begins so.
    pub fn prefixed(self) -> Self {
        Self {
            prefixed: true,
            ..self
        }
    }

    fn is_about(&self, kind: ResourceKind, name: &str) -> bool {
        let named = if self.prefixed {
            name.starts_with(&self.name)
        } else {
            self.name == "*" || self.name == name
        };
        self.kind == kind && named
    }

    fn lets_write(&self) -> bool {
        self.allowed && matches!(self.operation, Operation::Write | Operation::All)
    }
}

impl fmt::Display for Acl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.allowed { "may" } else { "may not" };
        let (kind, some) = match self.kind {
            ResourceKind::Topic => ("topic", "topics"),
            ResourceKind::Group => ("group", "groups"),
            ResourceKind::Cluster => ("cluster", "clusters"),
            ResourceKind::TransactionalId => ("transactional id", "transactional ids"),
            ResourceKind::Unknown => ("unknown resource", "unknown resources"),
        };
        write!(f, "{} {verb} {:?} ", self.principal, self.operation)?;
        if self.prefixed {
            write!(f, "{some} `{}…`", self.name)?;
        } else {
            write!(f, "{kind} `{}`", self.name)?;
        }
        if self.host == "*" {
            return Ok(());
        }
        write!(f, " from {}", self.host)
    }
}

/// What the cluster says of its ACLs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AclState {
    /// It has no authorizer: everybody may do everything.
    NotEnforced,
    /// It has one, with these entries.
    Enforced(Vec<Acl>),
}

/// One way in which a cluster's ACLs differ from what is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AclDifference {
    /// A declared right is not granted.
    Missing(Acl),
    /// Somebody may write a declared topic who is not declared to.
    UndeclaredWriter(Acl),
}

impl fmt::Display for AclDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(acl) => write!(f, "ACL missing: {acl}"),
            Self::UndeclaredWriter(acl) => write!(
                f,
                "ACL not declared: {acl}; who may write a topic is part of what is promised about it"
            ),
        }
    }
}

/// Compares. Rights to read beyond the declared ones are nobody's business but the operator's: the
/// log is there for others to read, too.
pub fn acl_differences(declared: &[Acl], actual: &[Acl]) -> Vec<AclDifference> {
    let missing = declared.iter().filter(|acl| !actual.contains(acl));
    let missing = missing.cloned().map(AclDifference::Missing);
    let undeclared = actual.iter().filter(|acl| {
        acl.lets_write()
            && !declared.contains(acl)
            && declared
                .iter()
                .any(|it| it.kind == ResourceKind::Topic && acl.is_about(it.kind, &it.name))
    });
    missing
        .chain(undeclared.cloned().map(AclDifference::UndeclaredWriter))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluator() -> Acl {
        Acl::allow(
            "User:evaluator",
            Operation::Write,
            ResourceKind::Topic,
            "verdicts",
        )
    }

    fn stranger(name: &str) -> Acl {
        Acl {
            principal: "User:stranger".to_owned(),
            name: name.to_owned(),
            ..evaluator()
        }
    }

    #[test]
    fn a_right_that_is_not_granted_is_missing() {
        let found = acl_differences(&[evaluator()], &[]);
        assert_eq!(found, [AclDifference::Missing(evaluator())]);
        assert_eq!(
            found[0].to_string(),
            "ACL missing: User:evaluator may Write topic `verdicts`"
        );
        assert_eq!(acl_differences(&[evaluator()], &[evaluator()]), []);
    }

    #[test]
    fn a_writer_that_nobody_declared_is_found_however_its_right_is_written() {
        let all = |acl: Acl| Acl {
            operation: Operation::All,
            ..acl
        };
        let ways = [
            stranger("verdicts"),
            stranger("*"),
            stranger("verd").prefixed(),
            all(stranger("verdicts")),
        ];
        for way in ways {
            let found = acl_differences(&[evaluator()], &[evaluator(), way.clone()]);
            assert_eq!(found, [AclDifference::UndeclaredWriter(way)]);
        }
    }

    #[test]
    fn readers_and_other_topics_are_the_operators_business() {
        let reader = Acl {
            operation: Operation::Read,
            ..stranger("verdicts")
        };
        let refused = Acl {
            allowed: false,
            ..stranger("verdicts")
        };
        let actual = [evaluator(), reader, refused, stranger("payroll")];
        assert_eq!(acl_differences(&[evaluator()], &actual), []);
    }
}
