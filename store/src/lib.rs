//! The database: connections, migrations, consumer offsets by compare-and-set.
