//! Memory that may not be there, and elements of it that nothing has written.

use bytemuck::Zeroable;
use bytemuck::allocation::try_zeroed_vec;

use crate::error::InitError;

/// Zeros, if there is memory for them.
///
/// A large vector is memory that the system hasn't given out before, which is zero already: it's
/// only written once, by what fills it.
pub(crate) fn zeros<T: Zeroable>(shape: &[usize], elements: usize) -> Result<Vec<T>, InitError> {
    let values = try_zeroed_vec(elements).map_err(|()| {
        InitError::shape(
            shape,
            format!("there is no memory for its {elements} elements"),
        )
    })?;
    prefer_huge_pages(&values);
    Ok(values)
}

/// Asks Linux for pages of 2 MiB instead of 4 KiB: most of the time that new memory takes goes into
/// the first write to each page.
#[cfg(target_os = "linux")]
fn prefer_huge_pages<T>(values: &[T]) {
    const HUGE_PAGE: usize = 2 << 20;
    const WORTHWHILE: usize = 2 * HUGE_PAGE;
    let bytes = std::ptr::from_ref(values).cast::<u8>();
    let len = size_of_val(values);
    // A huge page must lie within it.
    let before = bytes.align_offset(HUGE_PAGE);
    if len < WORTHWHILE || before > len {
        return;
    }
    let whole = (len - before) / HUGE_PAGE * HUGE_PAGE;
    // Safety: the range lies within `values`, and the advice changes no contents. It may fail, where
    // there are no such pages; nothing depends on it.
    unsafe {
        libc::madvise(
            bytes.add(before).cast_mut().cast(),
            whole,
            libc::MADV_HUGEPAGE,
        );
    }
}

#[cfg(not(target_os = "linux"))]
fn prefer_huge_pages<T>(_values: &[T]) {}

/// What an element holds that nothing has written, where it matters: a NaN that no sum gives.
pub(crate) const UNWRITTEN: f32 = f32::from_bits(0x7fc0_dead);

/// Whether something has written this element.
pub(crate) fn written(value: f32) -> bool {
    value.to_bits() != UNWRITTEN.to_bits()
}

/// Copies what something has written.
pub(crate) fn copy_written(values: &[f32], out: &mut [f32]) {
    for (out, value) in out.iter_mut().zip(values) {
        if written(*value) {
            *out = *value;
        }
    }
}
