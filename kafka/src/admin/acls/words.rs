//! Our words for ACLs beside librdkafka's, for both directions.

use rdkafka_sys as sys;
pub(super) use sys::rd_kafka_AclOperation_t as SysOperation;
pub(super) use sys::rd_kafka_AclPermissionType_t as Permission;
pub(super) use sys::rd_kafka_ResourcePatternType_t as Pattern;
pub(super) use sys::rd_kafka_ResourceType_t as SysKind;

use super::super::acl::{Acl, Operation, ResourceKind};

pub(super) fn pattern(acl: &Acl) -> Pattern {
    match acl.prefixed {
        true => Pattern::RD_KAFKA_RESOURCE_PATTERN_PREFIXED,
        false => Pattern::RD_KAFKA_RESOURCE_PATTERN_LITERAL,
    }
}

pub(super) fn permission(acl: &Acl) -> Permission {
    match acl.allowed {
        true => Permission::RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW,
        false => Permission::RD_KAFKA_ACL_PERMISSION_TYPE_DENY,
    }
}

const KINDS: [(ResourceKind, SysKind); 4] = [
    (ResourceKind::Topic, SysKind::RD_KAFKA_RESOURCE_TOPIC),
    (ResourceKind::Group, SysKind::RD_KAFKA_RESOURCE_GROUP),
    (ResourceKind::Cluster, SysKind::RD_KAFKA_RESOURCE_BROKER),
    (
        ResourceKind::TransactionalId,
        SysKind::RD_KAFKA_RESOURCE_TRANSACTIONAL_ID,
    ),
];

const OPERATIONS: [(Operation, SysOperation); 11] = [
    (Operation::All, SysOperation::RD_KAFKA_ACL_OPERATION_ALL),
    (Operation::Read, SysOperation::RD_KAFKA_ACL_OPERATION_READ),
    (Operation::Write, SysOperation::RD_KAFKA_ACL_OPERATION_WRITE),
    (
        Operation::Create,
        SysOperation::RD_KAFKA_ACL_OPERATION_CREATE,
    ),
    (
        Operation::Delete,
        SysOperation::RD_KAFKA_ACL_OPERATION_DELETE,
    ),
    (Operation::Alter, SysOperation::RD_KAFKA_ACL_OPERATION_ALTER),
    (
        Operation::Describe,
        SysOperation::RD_KAFKA_ACL_OPERATION_DESCRIBE,
    ),
    (
        Operation::ClusterAction,
        SysOperation::RD_KAFKA_ACL_OPERATION_CLUSTER_ACTION,
    ),
    (
        Operation::DescribeConfigs,
        SysOperation::RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS,
    ),
    (
        Operation::AlterConfigs,
        SysOperation::RD_KAFKA_ACL_OPERATION_ALTER_CONFIGS,
    ),
    (
        Operation::IdempotentWrite,
        SysOperation::RD_KAFKA_ACL_OPERATION_IDEMPOTENT_WRITE,
    ),
];

pub(super) fn sys_kind(kind: ResourceKind) -> SysKind {
    let found = KINDS.iter().find(|(ours, _)| *ours == kind);
    found.map_or(SysKind::RD_KAFKA_RESOURCE_UNKNOWN, |(_, theirs)| *theirs)
}

pub(super) fn kind_of(kind: SysKind) -> ResourceKind {
    let found = KINDS.iter().find(|(_, theirs)| *theirs == kind);
    found.map_or(ResourceKind::Unknown, |(ours, _)| *ours)
}

pub(super) fn sys_operation(operation: Operation) -> SysOperation {
    let found = OPERATIONS.iter().find(|(ours, _)| *ours == operation);
    found.map_or(
        SysOperation::RD_KAFKA_ACL_OPERATION_UNKNOWN,
        |(_, theirs)| *theirs,
    )
}

pub(super) fn operation_of(operation: SysOperation) -> Operation {
    let found = OPERATIONS.iter().find(|(_, theirs)| *theirs == operation);
    found.map_or(Operation::Unknown, |(ours, _)| *ours)
}
