//! How plans and rules are written into files.

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

/// Writes a struct: in text, without the fields that are as they are if a file doesn't say them.
pub(super) struct Fields<S: Serializer> {
    out: S::SerializeStruct,
    is_text: bool,
}

impl<S: Serializer> Fields<S> {
    /// For a struct with so many fields.
    pub fn new(serializer: S, name: &'static str, most: usize) -> Result<Self, S::Error> {
        Ok(Self {
            is_text: serializer.is_human_readable(),
            out: serializer.serialize_struct(name, most)?,
        })
    }

    /// A field that each file has.
    pub fn field(&mut self, name: &'static str, value: &impl Serialize) -> Result<(), S::Error> {
        self.out.serialize_field(name, value)
    }

    /// A field that a text has if it isn't what it would be without.
    pub fn unless_default<T: Serialize + Default + PartialEq>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), S::Error> {
        match self.is_text && *value == T::default() {
            true => self.out.skip_field(name),
            false => self.out.serialize_field(name, value),
        }
    }

    /// The end of the struct.
    pub fn end(self) -> Result<S::Ok, S::Error> {
        self.out.end()
    }
}
