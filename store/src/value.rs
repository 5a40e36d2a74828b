//! What goes into a statement and comes out of it: four types both databases agree on.

use sqlx::postgres::{PgArguments, PgRow, Postgres};
use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteRow};
use sqlx::{Decode, Row as _, Type};

use crate::Error;

/// A bound parameter. An absent value keeps its type, because PostgreSQL types every parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `TEXT`
    Text(Option<String>),
    /// `BIGINT`
    Int(Option<i64>),
    /// `DOUBLE PRECISION`
    Real(Option<f64>),
    /// `BYTEA`, which is `BLOB` in SQLite
    Bytes(Option<Vec<u8>>),
}

macro_rules! value_from {
    ($($from:ty => $variant:ident by $convert:expr),+ $(,)?) => {
        $(
            impl From<$from> for Value {
                fn from(value: $from) -> Self {
                    Self::$variant(Some($convert(value)))
                }
            }

            impl From<Option<$from>> for Value {
                fn from(value: Option<$from>) -> Self {
                    Self::$variant(value.map($convert))
                }
            }
        )+
    };
}

value_from! {
    &str => Text by storable,
    String => Text by storable,
    i64 => Int by std::convert::identity,
    i32 => Int by i64::from,
    f64 => Real by std::convert::identity,
    Vec<u8> => Bytes by std::convert::identity,
}

/// PostgreSQL has no NUL in text. One in what a user sent must not stop everyone's records.
fn storable(text: impl Into<String>) -> String {
    let text = text.into();
    if text.contains('\0') {
        return text.replace('\0', "\u{fffd}");
    }
    text
}

pub(crate) fn bind_postgres<'q>(
    query: Query<'q, Postgres, PgArguments>,
    value: Value,
) -> Query<'q, Postgres, PgArguments> {
    match value {
        Value::Text(text) => query.bind(text),
        Value::Int(int) => query.bind(int),
        Value::Real(real) => query.bind(real),
        Value::Bytes(bytes) => query.bind(bytes),
    }
}

pub(crate) fn bind_sqlite<'q>(
    query: Query<'q, Sqlite, SqliteArguments>,
    value: Value,
) -> Query<'q, Sqlite, SqliteArguments> {
    match value {
        Value::Text(text) => query.bind(text),
        Value::Int(int) => query.bind(int),
        Value::Real(real) => query.bind(real),
        Value::Bytes(bytes) => query.bind(bytes),
    }
}

/// One row of an answer, of either database.
#[derive(Debug)]
pub enum Row {
    /// From PostgreSQL.
    Postgres(PgRow),
    /// From SQLite.
    Sqlite(SqliteRow),
}

impl Row {
    /// The value of a column.
    pub fn get<'r, T>(&'r self, column: &str) -> Result<T, Error>
    where
        T: Decode<'r, Postgres> + Type<Postgres> + Decode<'r, Sqlite> + Type<Sqlite>,
    {
        match self {
            Self::Postgres(row) => row.try_get(column),
            Self::Sqlite(row) => row.try_get(column),
        }
        .map_err(Error::from)
    }
}
