//! Reads what C passes, and writes what it is given; every rule that an argument breaks is named.

use crate::call::{Failure, Outcome, c_string, guard};
use crate::status::gv_status;
use geminivideo::ErrorKind;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::ffi::{CStr, CString, c_char};
use std::mem::{MaybeUninit, size_of};

/// A struct that C sees: its first field is `uint32_t struct_size`.
///
/// # Safety
///
/// The type is `repr(C)`, begins with a `u32`, and every field that is read from C (numbers, pointers and function
/// pointers that may be NULL) is valid for whatever bytes stand there.
pub(crate) unsafe trait Visible: Copy {
    /// Bytes of its first version; fields appended since then are optional.
    const FIRST: usize = size_of::<Self>();

    /// What the fields are that an older caller does not know, or that a result leaves as they are.
    fn initial() -> Self {
        blank()
    }
}

/// A struct that states its size; all else is 0 or NULL.
pub(crate) fn blank<T: Visible>() -> T {
    let mut made = MaybeUninit::<T>::zeroed();
    // Whatever bytes stand there, it is a struct: so the trait demands.
    unsafe {
        made.as_mut_ptr().cast::<u32>().write(size_of::<T>() as u32);
        made.assume_init()
    }
}

/// A larger `struct_size` is no version of any struct, but memory that nobody has set.
const ABSURD: usize = 1 << 12;

/// Borrows an object.
pub(crate) unsafe fn object<'a, T>(name: &str, pointer: *const T) -> Outcome<&'a T> {
    check(name, pointer)?;
    Ok(unsafe { &*pointer })
}

/// Borrows an object that the call changes.
pub(crate) unsafe fn object_mut<'a, T>(name: &str, pointer: *mut T) -> Outcome<&'a mut T> {
    check(name, pointer)?;
    Ok(unsafe { &mut *pointer })
}

/// Reads a text.
pub(crate) unsafe fn text<'a>(name: &str, pointer: *const c_char) -> Outcome<&'a str> {
    check(name, pointer)?;
    let bytes = unsafe { CStr::from_ptr(pointer) };
    bytes.to_str().map_err(|error| {
        Failure::invalid(format!("{name} is not UTF-8: byte {} is wrong", error.valid_up_to()))
    })
}

/// Reads a text that may be NULL.
pub(crate) unsafe fn optional_text<'a>(
    name: &str,
    pointer: *const c_char,
) -> Outcome<Option<&'a str>> {
    if pointer.is_null() { Ok(None) } else { unsafe { text(name, pointer) }.map(Some) }
}

/// Reads a JSON document.
pub(crate) unsafe fn json<T: DeserializeOwned>(name: &str, pointer: *const c_char) -> Outcome<T> {
    let text = unsafe { text(name, pointer) }?;
    serde_json::from_str(text).map_err(|error| Failure::invalid(format!("{name}: {error}")))
}

/// Reads a JSON document that may be NULL: then it is the default.
pub(crate) unsafe fn optional_json<T: DeserializeOwned + Default>(
    name: &str,
    pointer: *const c_char,
) -> Outcome<T> {
    if pointer.is_null() { Ok(T::default()) } else { unsafe { json(name, pointer) } }
}

/// Takes options as they are, with what a JSON object (or NULL) sets in them.
pub(crate) unsafe fn with_json<T: Serialize + DeserializeOwned>(
    name: &str,
    options: T,
    pointer: *const c_char,
) -> Outcome<T> {
    if pointer.is_null() {
        return Ok(options);
    }
    let invalid = |error: serde_json::Error| Failure::invalid(format!("{name}: {error}"));
    let changes: Map<String, Value> = unsafe { json(name, pointer) }?;
    let Value::Object(mut all) = serde_json::to_value(&options).map_err(invalid)? else {
        return Err(Failure::new(ErrorKind::Internal, format!("{name} are no object")));
    };
    all.extend(changes);
    serde_json::from_value(Value::Object(all)).map_err(invalid)
}

/// Borrows a run of plain values.
pub(crate) unsafe fn values<'a, T>(
    name: &str,
    pointer: *const T,
    length: usize,
) -> Outcome<&'a [T]> {
    if length == 0 {
        return Ok(&[]);
    }
    check(name, pointer)?;
    fits(name, length, size_of::<T>())?;
    Ok(unsafe { std::slice::from_raw_parts(pointer, length) })
}

/// Reads a struct of any version.
pub(crate) unsafe fn record<T: Visible>(name: &str, pointer: *const T) -> Outcome<T> {
    let size = unsafe { stated_size(name, pointer) }?;
    let bytes = unsafe { std::slice::from_raw_parts(pointer.cast::<u8>(), size) };
    if bytes.iter().skip(size_of::<T>()).any(|&byte| byte != 0) {
        let message = format!("{name} sets fields that version {VERSION} does not know");
        return Err(Failure::new(ErrorKind::Unsupported, message));
    }
    let mut read = MaybeUninit::new(T::initial());
    let known = size.min(size_of::<T>());
    unsafe {
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), read.as_mut_ptr().cast(), known);
        Ok(read.assume_init())
    }
}

/// Reads a run of structs, each as long as the first one says.
pub(crate) unsafe fn records<T: Visible>(
    name: &str,
    pointer: *const T,
    length: usize,
) -> Outcome<Vec<T>> {
    if length == 0 {
        return Ok(Vec::new());
    }
    let stride = unsafe { stated_size(name, pointer) }?;
    fits(name, length, stride)?;
    let mut read = Vec::new();
    for index in 0..length {
        let name = format!("{name}[{index}]");
        let element = unsafe { pointer.cast::<u8>().add(index * stride) }.cast::<T>();
        let size = unsafe { stated_size(&name, element) }?;
        if size != stride {
            let message = format!("{name}.struct_size is {size}, that of the first is {stride}");
            return Err(Failure::invalid(message));
        }
        read.push(unsafe { record(&name, element) }?);
    }
    Ok(read)
}

/// A number out of a list of constants.
pub(crate) fn one_of<T: Copy>(name: &str, given: u32, allowed: &[(u32, T)]) -> Outcome<T> {
    let found = allowed.iter().find(|(number, _)| *number == given);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let allowed: Vec<String> = allowed.iter().map(|(number, _)| number.to_string()).collect();
        Failure::invalid(format!("{name} is {given}, allowed is {}", allowed.join(", ")))
    })
}

/// The constant that stands for a value.
pub(crate) fn number_of<T: PartialEq>(value: &T, allowed: &[(u32, T)]) -> u32 {
    allowed.iter().find(|(_, known)| known == value).map_or(u32::MAX, |(number, _)| *number)
}

/// The element at an index.
pub(crate) fn element<'a, T>(name: &str, list: &'a [T], index: usize) -> Outcome<&'a T> {
    list.get(index).ok_or_else(|| {
        let message = format!("{name} {index} is asked for, there are {}", list.len());
        Failure::new(ErrorKind::NotFound, message)
    })
}

/// How many of something an object has; 0 for NULL.
pub(crate) unsafe fn count<T>(pointer: *const T, of: impl FnOnce(&T) -> usize) -> usize {
    unsafe { object("object", pointer) }.map_or(0, of)
}

/// A place that a result is written to; checked before the work, written after it.
#[derive(Debug)]
pub(crate) struct Place<T>(*mut T);

impl<T> Place<T> {
    pub(crate) unsafe fn new(name: &str, pointer: *mut T) -> Outcome<Self> {
        check(name, pointer.cast_const())?;
        Ok(Self(pointer))
    }

    pub(crate) fn put(self, value: T) {
        unsafe { self.0.write(value) };
    }
}

impl<T> Place<*mut T> {
    /// Gives an object away; C gives it back to be freed.
    pub(crate) fn give(self, value: T) {
        self.put(Box::into_raw(Box::new(value)));
    }
}

impl Place<*mut c_char> {
    /// Gives a text away.
    pub(crate) fn give_text(self, value: &str) {
        self.put(c_string(value).into_raw());
    }

    /// Gives a value away as a JSON document.
    pub(crate) fn give_json<T: Serialize + ?Sized>(self, value: &T) -> Outcome {
        let text = serde_json::to_string(value).map_err(|error| {
            Failure::new(ErrorKind::Internal, format!("the result is no JSON: {error}"))
        })?;
        self.give_text(&text);
        Ok(())
    }
}

/// A run of places that numbers are written to; checked before the work, written after it.
#[derive(Debug)]
pub(crate) struct Room<T>(*mut T, usize);

impl<T: Copy> Room<T> {
    pub(crate) unsafe fn new(name: &str, pointer: *mut T, length: usize) -> Outcome<Self> {
        if length > 0 {
            check(name, pointer.cast_const())?;
            fits(name, length, size_of::<T>())?;
        }
        Ok(Self(pointer, length))
    }

    /// Writes as many values as there is room for.
    pub(crate) fn put(self, values: &[T]) {
        for (place, value) in values.iter().take(self.1).enumerate() {
            unsafe { self.0.add(place).write(*value) };
        }
    }
}

/// Lends a curve: its times, and as many values.
pub(crate) unsafe fn lend_curve(
    curve: (&[f64], &[f64]),
    times: *mut *const f64,
    values: *mut *const f64,
    len: *mut usize,
) -> Outcome {
    let places = unsafe { (Place::new("times", times)?, Place::new("values", values)?) };
    let len = unsafe { Place::new("len", len) }?;
    places.0.put(curve.0.as_ptr());
    places.1.put(curve.1.as_ptr());
    len.put(curve.0.len().min(curve.1.len()));
    Ok(())
}

/// Asks an object, and gives its answer away as a JSON document.
pub(crate) unsafe fn tell<T, A: Serialize>(
    name: &str,
    pointer: *const T,
    answer_name: &str,
    answer: *mut *mut c_char,
    ask: impl FnOnce(&T) -> Outcome<A>,
) -> gv_status {
    guard(|| unsafe {
        let object = object(name, pointer)?;
        let place = Place::new(answer_name, answer)?;
        place.give_json(&ask(object)?)
    })
}

/// Fills a struct of any version; fields that its version does not have are left out.
unsafe fn fill<T: Visible>(name: &str, pointer: *mut T, value: &T) -> Outcome {
    let size = unsafe { stated_size(name, pointer.cast_const()) }?;
    let known = size.min(size_of::<T>());
    let start = size_of::<u32>();
    unsafe {
        let (from, to) = (std::ptr::from_ref(value).cast::<u8>(), pointer.cast::<u8>());
        std::ptr::copy_nonoverlapping(from.add(start), to.add(start), known - start);
        std::ptr::write_bytes(to.add(known), 0, size - known);
    }
    Ok(())
}

/// Asks an object, and fills a struct of any version with its answer.
pub(crate) unsafe fn answer<T, A: Visible>(
    name: &str,
    pointer: *const T,
    answer_name: &str,
    answer: *mut A,
    ask: impl FnOnce(&T) -> Outcome<A>,
) -> gv_status {
    guard(|| unsafe {
        let object = object(name, pointer)?;
        fill(answer_name, answer, &ask(object)?)
    })
}

/// A text that an object lends; NULL where there is none.
pub(crate) fn lent(text: Option<&CString>) -> *const c_char {
    text.map_or(std::ptr::null(), |text| text.as_ptr())
}

/// Sets a struct to its initial values.
pub(crate) unsafe fn initialize<T: Visible>(pointer: *mut T) {
    if !pointer.is_null() && pointer.is_aligned() {
        unsafe { pointer.write(T::initial()) };
    }
}

/// Frees an object; NULL is nothing.
pub(crate) unsafe fn free<T>(pointer: *mut T) {
    guard(|| {
        if !pointer.is_null() {
            drop(unsafe { Box::from_raw(pointer) });
        }
        Ok(())
    });
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn check<T>(name: &str, pointer: *const T) -> Outcome {
    if pointer.is_null() {
        return Err(Failure::invalid(format!("{name} is NULL")));
    }
    if !pointer.is_aligned() {
        return Err(Failure::invalid(format!("{name} is at no address of its type")));
    }
    Ok(())
}

fn fits(name: &str, length: usize, size: usize) -> Outcome {
    match length.checked_mul(size) {
        Some(bytes) if isize::try_from(bytes).is_ok() => Ok(()),
        _ => Err(Failure::invalid(format!("{name} has {length} elements, more than memory holds"))),
    }
}

unsafe fn stated_size<T: Visible>(name: &str, pointer: *const T) -> Outcome<usize> {
    check(name, pointer)?;
    let size = unsafe { pointer.cast::<u32>().read() } as usize;
    if (T::FIRST..=ABSURD).contains(&size) {
        return Ok(size);
    }
    let message = format!("{name}.struct_size is {size}, allowed is {} to {ABSURD}", T::FIRST);
    Err(Failure::invalid(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[repr(C)]
    #[derive(Debug, Clone, Copy, PartialEq)]
    struct Grown {
        struct_size: u32,
        old: u32,
        new: f64,
    }

    unsafe impl Visible for Grown {
        const FIRST: usize = 8;

        fn initial() -> Self {
            Self { struct_size: 16, old: 1, new: 0.5 }
        }
    }

    #[repr(C, align(8))]
    struct Bytes([u8; 32]);

    fn stating(size: u32) -> Bytes {
        let mut bytes = Bytes([0; 32]);
        bytes.0[..4].copy_from_slice(&size.to_ne_bytes());
        bytes.0[4..8].copy_from_slice(&7u32.to_ne_bytes());
        bytes
    }

    fn read(bytes: &Bytes) -> Outcome<Grown> {
        unsafe { record("options", bytes.0.as_ptr().cast::<Grown>()) }
    }

    #[test]
    fn an_older_caller_gets_initial_values_for_what_it_does_not_know() {
        let read = read(&stating(8)).unwrap();
        assert_eq!((read.old, read.new), (7, 0.5));
    }

    #[test]
    fn a_newer_caller_is_understood_unless_it_sets_what_is_new() {
        let mut bytes = stating(24);
        assert_eq!(read(&bytes).unwrap().new, 0.0);
        bytes.0[20] = 1;
        let failure = read(&bytes).unwrap_err();
        assert_eq!(failure.status, crate::status::GV_UNSUPPORTED);
    }

    #[test]
    fn a_size_that_no_version_has_is_refused() {
        for size in [0, 7, 4097, u32::MAX] {
            let message = read(&stating(size)).unwrap_err().message;
            let said = format!("options.struct_size is {size}, allowed is 8 to 4096");
            assert_eq!(message, said);
        }
    }

    #[test]
    fn a_result_fills_no_more_than_the_caller_has_room_for() {
        let value = Grown { struct_size: 0, old: 3, new: 4.0 };
        let mut bytes = stating(8);
        bytes.0[8] = 9;
        unsafe { fill("out", bytes.0.as_mut_ptr().cast::<Grown>(), &value) }.unwrap();
        assert_eq!((bytes.0[0], bytes.0[4], bytes.0[8]), (8, 3, 9));
        let mut bytes = stating(24);
        bytes.0[16..].fill(9);
        unsafe { fill("out", bytes.0.as_mut_ptr().cast::<Grown>(), &value) }.unwrap();
        assert_eq!((bytes.0[16], bytes.0[24]), (0, 9));
    }

    #[test]
    fn lengths_that_leave_memory_are_refused_before_anything_is_read() {
        let bytes = stating(16);
        let pointer = bytes.0.as_ptr().cast::<Grown>();
        for length in [usize::MAX, usize::MAX / 2, isize::MAX as usize] {
            assert!(unsafe { records("ads", pointer, length) }.is_err());
            assert!(unsafe { values("data", bytes.0.as_ptr().cast::<u64>(), length) }.is_err());
        }
        assert!(unsafe { records::<Grown>("ads", std::ptr::null(), 0) }.unwrap().is_empty());
    }

    #[test]
    fn texts_that_are_no_utf_8_and_objects_that_are_nowhere_are_named() {
        let bytes = b"ad\xff.mp4\0";
        let failure = unsafe { text("path", bytes.as_ptr().cast()) }.unwrap_err();
        assert_eq!(failure.message, "path is not UTF-8: byte 2 is wrong");
        let failure = unsafe { object::<u64>("db", std::ptr::null()) }.unwrap_err();
        assert_eq!(failure.message, "db is NULL");
        let odd = (bytes.as_ptr() as usize | 1) as *const u64;
        assert!(unsafe { object("db", odd) }.is_err());
    }
}
