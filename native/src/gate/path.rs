//! Paths as a guest names them: a root and components. There is one text for one path.

use std::fmt;

use super::{
    protected::{self, Mark},
    segments::Segments,
};
use crate::base::{
    error::{Code, Error, Result},
    limits::{PATH_BYTES, PATH_DEPTH},
};

/// Where a path starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Root {
    /// The folder of the task.
    Workspace,
    /// The capsule's own folder, for one principal.
    Data,
    /// Scratch space, gone with the instance.
    Tmp,
}

impl Root {
    /// All roots, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Workspace, Self::Data, Self::Tmp];

    /// The root as paths spell it, with its `://`.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Workspace => "workspace://",
            Self::Data => "data://",
            Self::Tmp => "tmp://",
        }
    }

    /// The root a text starts with, and what follows it. `ASTRID_INVALID` when it starts with none.
    pub fn split(text: &str) -> Result<(Self, &str)> {
        Self::ALL
            .into_iter()
            .find_map(|root| text.strip_prefix(root.prefix()).map(|rest| (root, rest)))
            .ok_or_else(|| invalid("a path starts with workspace://, data:// or tmp://"))
    }
}

/// A canonical path: no empty, `.` or `..` component, no NUL, no backslash, at most `path-bytes`
/// bytes with its root and `path-depth` components. It says nothing about what exists.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ResourcePath {
    root: Root,
    /// Components joined by `/`; empty for the root itself.
    relative: Segments,
    /// The components that are protected names, in order. Found once, here, so that a decision
    /// needs no Unicode.
    marks: Box<[Mark]>,
}

impl ResourcePath {
    /// The root itself.
    pub fn of_root(root: Root) -> Self {
        Self::canonical(root, "")
    }

    /// Parses a guest's string. `ASTRID_INVALID` names what is wrong with it.
    pub fn parse(text: &str) -> Result<Self> {
        if text.len() as u64 > PATH_BYTES {
            return Err(invalid(format!("a path has at most {PATH_BYTES} bytes (path-bytes)")));
        }
        let (root, relative) = Root::split(text)?;
        if !relative.is_empty() {
            relative.split('/').try_for_each(check_name)?;
        }
        let path = Self::canonical(root, relative);
        check_depth(path.depth())?;
        Ok(path)
    }

    /// The path of a text that passed every check.
    fn canonical(root: Root, relative: &str) -> Self {
        let relative = Segments::new(relative, b'/');
        let marks = (0..).zip(relative.iter()).filter_map(|(at, name)| protected::mark(at, name));
        Self { root, marks: marks.collect(), relative }
    }

    /// The root the path starts at.
    pub fn root(&self) -> Root {
        self.root
    }

    /// The components joined by `/`; empty for the root itself.
    pub fn relative(&self) -> &str {
        self.relative.text()
    }

    /// Whether this is a root itself.
    pub fn is_root(&self) -> bool {
        self.depth() == 0
    }

    /// The components, from the root down; none for the root itself.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator + Clone {
        self.relative.iter()
    }

    /// How many components the path has, at most `path-depth`.
    pub fn depth(&self) -> usize {
        self.relative.count()
    }

    /// The last component; none for the root itself.
    pub fn file_name(&self) -> Option<&str> {
        self.components().next_back()
    }

    /// The directory that holds it; none for the root itself.
    pub fn parent(&self) -> Option<Self> {
        let name = self.file_name()?;
        let above = self.relative().strip_suffix(name)?;
        Some(Self::canonical(self.root, above.strip_suffix('/').unwrap_or(above)))
    }

    /// The entry `name` of this directory. `ASTRID_INVALID` when that is not a component or the
    /// path would be over its bounds: such an entry is never shown and can't be named.
    pub fn join(&self, name: &str) -> Result<Self> {
        check_name(name)?;
        let slash = if self.is_root() { "" } else { "/" };
        Self::parse(&format!("{self}{slash}{name}"))
    }

    /// The components, cut.
    pub(super) fn segments(&self) -> &Segments {
        &self.relative
    }

    /// The components that are protected names, in order.
    pub(super) fn marks(&self) -> &[Mark] {
        &self.marks
    }
}

impl fmt::Display for ResourcePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.root.prefix(), self.relative())
    }
}

/// A path and everything below it, now and later: one resource to whatever moves a directory.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tree(pub ResourcePath);

impl fmt::Display for Tree {
    /// The pattern of the same extent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slash = if self.0.is_root() { "" } else { "/" };
        write!(f, "{}{slash}**", self.0)
    }
}

/// `ASTRID_INVALID` unless `name` can be a component.
pub(super) fn check_name(name: &str) -> Result<()> {
    let special = |byte: &u8| matches!(byte, b'\0' | b'\\' | b'/');
    let wrong = match name {
        "" => "an empty component (a double or trailing slash)".to_owned(),
        "." | ".." => format!("the component {name:?}"),
        _ => match name.as_bytes().iter().find(|byte| special(byte)) {
            None => return Ok(()),
            Some(byte) => format!("the character {:?} in a component", char::from(*byte)),
        },
    };
    Err(invalid(format!("a path can't have {wrong}")))
}

/// `ASTRID_INVALID` for more components than `path-depth`.
pub(super) fn check_depth(depth: usize) -> Result<()> {
    if depth as u64 > PATH_DEPTH {
        let bound = format!("a path has at most {PATH_DEPTH} components (path-depth)");
        return Err(invalid(bound));
    }
    Ok(())
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(Code::Invalid, message)
}
