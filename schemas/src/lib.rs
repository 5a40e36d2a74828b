//! Avro schemas, topic declarations, wire types and their codec.
