//! Arrays of NumPy (`.npy`, version 1.0), as models have them: little-endian, by rows.
//!
//! Under the folder of a model. Invariant: an array has as many numbers as its shape says, no more and no less.

/// Numbers with a shape.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Array {
    /// Single precision.
    F32(Vec<usize>, Vec<f32>),
    /// Small whole numbers.
    U32(Vec<usize>, Vec<u32>),
    /// Large whole numbers.
    U64(Vec<usize>, Vec<u64>),
}

/// Before the header: what it is, which version, how long the header is.
const START: &[u8] = b"\x93NUMPY\x01\x00";

/// Reads an array; what is wrong with it where it is none.
pub(super) fn parse(bytes: &[u8]) -> Result<Array, String> {
    let rest = bytes.strip_prefix(START).ok_or("is no array of NumPy of version 1.0")?;
    let (length, rest) = rest.split_first_chunk::<2>().ok_or("ends in its header")?;
    let (header, body) = rest
        .split_at_checked(usize::from(u16::from_le_bytes(*length)))
        .ok_or("ends in its header")?;
    let header = std::str::from_utf8(header).map_err(|_| "has a header that is no text")?;
    if field(header, "fortran_order")? != "False" {
        return Err("is by columns; by rows was expected".into());
    }
    let shape = shape(field(header, "shape")?)?;
    let count = shape.iter().try_fold(1usize, |count, size| count.checked_mul(*size));
    let count = count.ok_or("has a shape that cannot be")?;
    match field(header, "descr")? {
        "'<f4'" => Ok(Array::F32(shape, numbers(body, count, f32::from_le_bytes)?)),
        "'<u4'" => Ok(Array::U32(shape, numbers(body, count, u32::from_le_bytes)?)),
        "'<u8'" => Ok(Array::U64(shape, numbers(body, count, u64::from_le_bytes)?)),
        other => Err(format!("holds {other}; f4, u4 or u8 was expected")),
    }
}

/// The text of a field of the header, which is a dictionary of Python.
fn field<'h>(header: &'h str, name: &str) -> Result<&'h str, String> {
    let from = header.split_once(&format!("'{name}':"));
    let rest = from
        .ok_or_else(|| format!("has no {name} in its header"))?
        .1
        .trim_start();
    let end = if rest.starts_with('(') {
        rest.find(')')
    } else {
        rest.find([',', '}'])
    };
    let end = end.ok_or("has a header without an end")?;
    Ok(rest[..end].trim_start_matches('(').trim())
}

fn shape(text: &str) -> Result<Vec<usize>, String> {
    let sizes = text.split(',').map(str::trim).filter(|size| !size.is_empty());
    sizes
        .map(|size| size.parse().map_err(|_| format!("has no shape: {text:?}")))
        .collect()
}

fn numbers<T, const N: usize>(body: &[u8], count: usize, of: impl Fn([u8; N]) -> T) -> Result<Vec<T>, String> {
    let (chunks, rest) = body.as_chunks::<N>();
    if chunks.len() != count || !rest.is_empty() {
        return Err(format!("has {} bytes for {count} numbers", body.len()));
    }
    Ok(chunks.iter().map(|bytes| of(*bytes)).collect())
}
