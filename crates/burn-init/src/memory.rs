//! Memory that may not be there.

use crate::error::InitError;

/// A vector of zeros, if there is memory for it.
pub(crate) fn zeros<T: Clone + Default>(
    shape: &[usize],
    elements: usize,
) -> Result<Vec<T>, InitError> {
    let mut values = Vec::new();
    values.try_reserve_exact(elements).map_err(|_| {
        InitError::shape(
            shape,
            format!("there is no memory for its {elements} elements"),
        )
    })?;
    values.resize(elements, T::default());
    Ok(values)
}
