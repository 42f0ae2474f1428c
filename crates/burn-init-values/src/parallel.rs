//! Work on disjoint chunks of a slice, on all cores where the `rayon` feature is on.

/// Up to this many elements a thread pool costs more than it saves, if all that's done is to draw
/// them.
pub(crate) const FEW_DRAWS: usize = 1 << 17;

/// The same where more is done with each element.
pub(crate) const FEW: usize = 1 << 14;

/// Calls `work(i, chunk)` for the i-th chunk of `chunk_len` elements, the last one possibly
/// shorter; on one thread if there are at most `few` elements.
///
/// The result must not depend on the order of the calls: with one thread or many, it's the same.
pub(crate) fn for_each_chunk<T: Send>(
    slice: &mut [T],
    chunk_len: usize,
    few: usize,
    work: impl Fn(usize, &mut [T]) + Send + Sync,
) {
    let chunk_len = chunk_len.max(1);

    #[cfg(feature = "rayon")]
    if slice.len() > few && slice.len() > chunk_len {
        use rayon::prelude::*;
        slice
            .par_chunks_mut(chunk_len)
            .enumerate()
            .for_each(|(i, chunk)| work(i, chunk));
        return;
    }

    let _ = few;
    for (i, chunk) in slice.chunks_mut(chunk_len).enumerate() {
        work(i, chunk);
    }
}

/// Calls `work(a, b)` for chunks of two slices of the same length, as [`for_each_chunk`] does for one.
pub(crate) fn for_each_chunk_of_both<A: Send, B: Send>(
    a: &mut [A],
    b: &mut [B],
    chunk_len: usize,
    work: impl Fn(&mut [A], &mut [B]) + Send + Sync,
) {
    #[cfg(feature = "rayon")]
    if a.len() > FEW_DRAWS {
        use rayon::prelude::*;
        a.par_chunks_mut(chunk_len)
            .zip(b.par_chunks_mut(chunk_len))
            .for_each(|(a, b)| work(a, b));
        return;
    }

    for (a, b) in a.chunks_mut(chunk_len).zip(b.chunks_mut(chunk_len)) {
        work(a, b);
    }
}

/// Calls `work(memory, i, task)` for each of the tasks, which work on `elements` elements in all.
/// `memory` makes what several calls of one thread use one after another.
///
/// As for [`for_each_chunk`], the result must not depend on the order of the calls, nor on what the
/// memory holds.
pub(crate) fn for_each_task<T: Send, S>(
    tasks: Vec<T>,
    elements: usize,
    memory: impl Fn() -> S + Send + Sync,
    work: impl Fn(&mut S, usize, T) + Send + Sync,
) {
    #[cfg(feature = "rayon")]
    if elements > FEW && tasks.len() > 1 {
        use rayon::prelude::*;
        tasks
            .into_par_iter()
            .enumerate()
            .for_each_init(memory, |memory, (i, task)| work(memory, i, task));
        return;
    }

    let _ = (elements, FEW);
    let mut memory = memory();
    for (i, task) in tasks.into_iter().enumerate() {
        work(&mut memory, i, task);
    }
}

/// The sum, modulo 2⁶⁴, of `work(i, chunk)` for the i-th chunk of `chunk_len` elements.
pub(crate) fn sum_of_chunks<T: Sync>(
    slice: &[T],
    chunk_len: usize,
    work: impl Fn(usize, &[T]) -> u64 + Send + Sync,
) -> u64 {
    #[cfg(feature = "rayon")]
    if slice.len() > FEW {
        use rayon::prelude::*;
        return slice
            .par_chunks(chunk_len)
            .enumerate()
            .map(|(i, chunk)| work(i, chunk))
            .reduce(|| 0, u64::wrapping_add);
    }

    let chunks = slice.chunks(chunk_len).enumerate();
    chunks
        .map(|(i, chunk)| work(i, chunk))
        .fold(0, u64::wrapping_add)
}
