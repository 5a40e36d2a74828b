//! YAML with the line of every value, so that an error names the place to mend.
//!
//! Texts are kept as written: `1e-6` stays `1e-6`, and whoever reads a key decides what it is.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle};

/// A value and where it begins.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    /// Counted from 1.
    pub(super) line: usize,
    pub(super) value: Yaml,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Yaml {
    /// Nothing, `~` or `null`.
    Null,
    /// A text, a number, a truth value: as written, without quotes.
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Key {
    pub(super) line: usize,
    pub(super) name: String,
}

/// Where a text is not what we read, and why.
#[derive(Debug, PartialEq)]
pub(super) struct Broken {
    pub(super) line: usize,
    pub(super) problem: String,
}

/// Deeper than any settings; shallow enough for recursion over what was read.
const MAX_DEPTH: usize = 64;
/// Values after aliases are followed: a short text can stand for more than any memory. Few enough
/// that looking through the keys of a mapping one by one takes no time.
const MAX_NODES: usize = 20_000;

impl Node {
    /// The first document of a text.
    pub(super) fn parse(text: &str) -> Result<Self, Broken> {
        Self::parse_strictly(text).or_else(|broken| {
            // People type tabs after a colon, and not every parser lets them.
            let spaced = text.replace(":\t", ": ");
            if spaced == text {
                return Err(broken);
            }
            Self::parse_strictly(&spaced).map_err(|_| broken)
        })
    }

    fn parse_strictly(text: &str) -> Result<Self, Broken> {
        let mut builder = Builder::default();
        let mut last_line = 1;
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| Broken {
                line: error.marker().line(),
                problem: error.info().to_owned(),
            })?;
            last_line = span.start.line();
            if builder.take(event, last_line)? {
                break;
            }
        }
        Ok(builder.done.unwrap_or(Self {
            line: last_line,
            value: Yaml::Null,
        }))
    }

    /// How many values it holds, itself included.
    fn size(&self) -> usize {
        match &self.value {
            Yaml::Null | Yaml::Text(_) => 1,
            Yaml::List(items) => 1 + items.iter().map(Self::size).sum::<usize>(),
            Yaml::Map(entries) => 1 + entries.iter().map(|(_, node)| node.size()).sum::<usize>(),
        }
    }
}

/// A collection that is not closed yet.
struct Open {
    node: Node,
    anchor: usize,
    /// The key that waits for its value.
    key: Option<Key>,
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    done: Option<Node>,
}

impl Builder {
    /// Takes the next event in; `true` once the first document is complete.
    fn take(&mut self, event: Event<'_>, line: usize) -> Result<bool, Broken> {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let value = match (&*text, style) {
                    ("" | "~" | "null" | "Null" | "NULL", ScalarStyle::Plain) => Yaml::Null,
                    _ => Yaml::Text(text.into_owned()),
                };
                self.add(Node { line, value }, anchor)?;
            }
            Event::SequenceStart(anchor, _) => self.open(Yaml::List(Vec::new()), anchor, line)?,
            Event::MappingStart(anchor, _) => self.open(Yaml::Map(Vec::new()), anchor, line)?,
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    self.add(open.node, open.anchor)?;
                }
            }
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).cloned();
                let node = node.ok_or_else(|| broken(line, "an alias of itself"))?;
                self.nodes += node.size();
                self.add(Node { line, ..node }, 0)?;
            }
            Event::DocumentEnd | Event::StreamEnd => return Ok(true),
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => {}
        }
        Ok(false)
    }

    fn open(&mut self, value: Yaml, anchor: usize, line: usize) -> Result<(), Broken> {
        if self.open.len() >= MAX_DEPTH {
            return Err(broken(line, "nested too deeply"));
        }
        self.open.push(Open {
            node: Node { line, value },
            anchor,
            key: None,
        });
        Ok(())
    }

    /// Puts a finished value where it belongs.
    fn add(&mut self, node: Node, anchor: usize) -> Result<(), Broken> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(broken(node.line, "too many values"));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(parent) = self.open.last_mut() else {
            self.done = Some(node);
            return Ok(());
        };
        match &mut parent.node.value {
            Yaml::List(items) => items.push(node),
            Yaml::Map(entries) => match parent.key.take() {
                Some(key) => entries.push((key, node)),
                None => parent.key = Some(key(node)?),
            },
            Yaml::Null | Yaml::Text(_) => {}
        }
        Ok(())
    }
}

/// A key must be a text. It may be there twice; who reads the mapping decides.
fn key(node: Node) -> Result<Key, Broken> {
    let name = match node.value {
        Yaml::Text(name) => name,
        Yaml::Null => String::new(),
        Yaml::List(_) | Yaml::Map(_) => return Err(broken(node.line, "a key must be a text")),
    };
    Ok(Key {
        line: node.line,
        name,
    })
}

fn broken(line: usize, problem: &str) -> Broken {
    Broken {
        line,
        problem: problem.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn problem(text: &str) -> (usize, String) {
        match Node::parse(text) {
            Err(Broken { line, problem }) => (line, problem),
            Ok(node) => panic!("{text:?} was read as {node:?}"),
        }
    }

    #[test]
    fn every_value_knows_its_line() {
        let node = Node::parse("# first\nlimits:\n  memory: 5\n\n  list:\n  - a\n  - b: c\r\n");
        let Ok(Yaml::Map(top)) = node.map(|node| node.value) else {
            panic!("no mapping");
        };
        let Yaml::Map(limits) = &top[0].1.value else {
            panic!("no limits");
        };
        let lines: Vec<_> = limits.iter().map(|(key, _)| key.line).collect();
        assert_eq!((top[0].0.line, lines), (2, vec![3, 5]));
        let Yaml::List(items) = &limits[1].1.value else {
            panic!("no list");
        };
        assert_eq!(
            items.iter().map(|item| item.line).collect::<Vec<_>>(),
            [6, 7]
        );
    }

    #[test]
    fn texts_stay_as_written_and_only_a_plain_null_is_none() {
        for (text, value) in [
            ("1e-6", Yaml::Text("1e-6".into())),
            ("'null'", Yaml::Text("null".into())),
            ("007", Yaml::Text("007".into())),
            ("~", Yaml::Null),
            ("", Yaml::Null),
        ] {
            assert_eq!(
                Node::parse(text).map(|node| node.value),
                Ok(value),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_broken_is_told_with_its_line() {
        assert_eq!(problem("a:\n  ? [b]\n  : c\n").0, 2);
        assert_eq!(problem("a: 1\nb: [1\n").0, 3);
        assert_eq!(problem(&"[".repeat(100)).1, "nested too deeply");
    }

    #[test]
    fn aliases_are_followed_until_they_multiply() {
        let node = Node::parse("a: &x [1]\nb: *x\n").map(|node| node.size());
        assert_eq!(node, Ok(5));
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let alias = vec![format!("*a{}", level - 1); 9].join(", ");
            text += &format!("a{level}: &a{level} [{alias}]\n");
        }
        assert_eq!(problem(&text).1, "too many values");
    }
}
