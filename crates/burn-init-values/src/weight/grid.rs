//! Grids that inputs form.

use crate::error::InitError;

/// The grid, if it has a point for each of `len` weights.
pub(crate) fn check_grid(
    initializer: &'static str,
    grid: &[usize],
    len: usize,
) -> Result<Vec<usize>, InitError> {
    let points = grid.iter().try_fold(1usize, |n, axis| n.checked_mul(*axis));
    if points == Some(len) {
        return Ok(grid.to_vec());
    }
    Err(InitError::setting(
        initializer,
        "grid",
        format!("{grid:?}"),
        format!("a shape of {len} points, one for each element of a vector"),
    ))
}
