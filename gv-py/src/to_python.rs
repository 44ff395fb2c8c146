//! Serialisable results as plain Python objects: dict, list, str, int, float, bool, None.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use serde::Serialize;
use serde::ser::{self, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple};
use std::fmt;

/// Turns a result into what `json.loads` would give for it, except that numbers stay exact: infinities
/// and NaN are Python's.
///
/// # Errors
///
/// Only what Python raises, such as `MemoryError`, or a key that is not text.
pub(crate) fn to_python<'py, T>(py: Python<'py>, value: &T) -> PyResult<Bound<'py, PyAny>>
where
    T: Serialize + ?Sized,
{
    value.serialize(Serializer { py }).map_err(|Failed(error)| error)
}

#[derive(Debug)]
struct Failed(PyErr);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failed {}

impl ser::Error for Failed {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(pyo3::exceptions::PyTypeError::new_err(message.to_string()))
    }
}

impl From<PyErr> for Failed {
    fn from(error: PyErr) -> Self {
        Self(error)
    }
}

impl From<std::convert::Infallible> for Failed {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

#[derive(Clone, Copy)]
struct Serializer<'py> {
    py: Python<'py>,
}

type Object<'py> = Result<Bound<'py, PyAny>, Failed>;

/// Writes the methods that hand a value to pyo3's own conversion.
macro_rules! convert {
    ($($method:ident: $kind:ty),* $(,)?) => {
        $(fn $method(self, value: $kind) -> Object<'py> {
            Ok(value.into_pyobject(self.py)?.to_owned().into_any())
        })*
    };
}

impl<'py> ser::Serializer for Serializer<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failed;
    type SerializeSeq = Items<'py>;
    type SerializeTuple = Items<'py>;
    type SerializeTupleStruct = Items<'py>;
    type SerializeTupleVariant = Variant<Items<'py>>;
    type SerializeMap = Entries<'py>;
    type SerializeStruct = Entries<'py>;
    type SerializeStructVariant = Variant<Entries<'py>>;

    convert! {
        serialize_bool: bool, serialize_char: char, serialize_str: &str, serialize_bytes: &[u8],
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_i128: i128, serialize_u128: u128, serialize_f64: f64,
    }

    fn serialize_f32(self, value: f32) -> Object<'py> {
        self.serialize_f64(f64::from(value))
    }

    fn serialize_none(self) -> Object<'py> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Object<'py> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Object<'py> {
        Ok(self.py.None().into_bound(self.py))
    }

    fn serialize_unit_struct(self, _: &'static str) -> Object<'py> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Object<'py> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Object<'py> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Object<'py> {
        tagged(self.py, variant, value.serialize(self)?)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Items<'py>, Failed> {
        Ok(Items { py: self.py, items: Vec::with_capacity(length.unwrap_or(0).min(1 << 16)) })
    }

    fn serialize_tuple(self, length: usize) -> Result<Items<'py>, Failed> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Items<'py>, Failed> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self::SerializeTupleVariant, Failed> {
        Ok(Variant { variant, content: self.serialize_seq(Some(length))? })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries<'py>, Failed> {
        Ok(Entries { dict: PyDict::new(self.py), key: None })
    }

    fn serialize_struct(self, _: &'static str, length: usize) -> Result<Entries<'py>, Failed> {
        self.serialize_map(Some(length))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self::SerializeStructVariant, Failed> {
        Ok(Variant { variant, content: self.serialize_map(Some(length))? })
    }
}

fn tagged<'py>(py: Python<'py>, variant: &str, content: Bound<'py, PyAny>) -> Object<'py> {
    let dict = PyDict::new(py);
    dict.set_item(variant, content)?;
    Ok(dict.into_any())
}

struct Items<'py> {
    py: Python<'py>,
    items: Vec<Bound<'py, PyAny>>,
}

impl<'py> SerializeSeq for Items<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failed;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        self.items.push(value.serialize(Serializer { py: self.py })?);
        Ok(())
    }

    fn end(self) -> Object<'py> {
        Ok(PyList::new(self.py, self.items)?.into_any())
    }
}

impl<'py> SerializeTuple for Items<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failed;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Object<'py> {
        SerializeSeq::end(self)
    }
}

impl<'py> ser::SerializeTupleStruct for Items<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failed;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Object<'py> {
        SerializeSeq::end(self)
    }
}

struct Entries<'py> {
    dict: Bound<'py, PyDict>,
    key: Option<Bound<'py, PyAny>>,
}

impl<'py> Entries<'py> {
    fn serializer(&self) -> Serializer<'py> {
        Serializer { py: self.dict.py() }
    }

    fn insert<T: Serialize + ?Sized>(&self, key: &'static str, value: &T) -> Result<(), Failed> {
        let key = crate::names::name(self.dict.py(), key);
        Ok(self.dict.set_item(key, value.serialize(self.serializer())?)?)
    }
}

impl<'py> SerializeMap for Entries<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failed;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failed> {
        self.key = Some(key.serialize(self.serializer())?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        let value = value.serialize(self.serializer())?;
        match self.key.take() {
            Some(key) => Ok(self.dict.set_item(key, value)?),
            None => Err(ser::Error::custom("a value came without its key")),
        }
    }

    fn end(self) -> Object<'py> {
        Ok(self.dict.into_any())
    }
}

impl<'py> SerializeStruct for Entries<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failed;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Failed> {
        self.insert(key, value)
    }

    fn end(self) -> Object<'py> {
        Ok(self.dict.into_any())
    }
}

struct Variant<C> {
    variant: &'static str,
    content: C,
}

impl<'py> ser::SerializeTupleVariant for Variant<Items<'py>> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failed;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        SerializeSeq::serialize_element(&mut self.content, value)
    }

    fn end(self) -> Object<'py> {
        tagged(self.content.py, self.variant, SerializeSeq::end(self.content)?)
    }
}

impl<'py> ser::SerializeStructVariant for Variant<Entries<'py>> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failed;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Failed> {
        self.content.insert(key, value)
    }

    fn end(self) -> Object<'py> {
        tagged(self.content.dict.py(), self.variant, self.content.dict.into_any())
    }
}
