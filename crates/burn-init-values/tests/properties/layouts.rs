//! Layouts at random: of all kinds, empty ones among them.

use burn_init_values::WeightLayout;
use burn_init_values::weight::Axis;
use proptest::prelude::*;
use proptest::sample::select;

/// A size of an axis: mostly small, sometimes 0.
fn size() -> impl Strategy<Value = usize> {
    prop_oneof![1 => Just(0usize), 12 => 1..10usize, 4 => 1..40usize, 1 => 60..140usize]
}

/// A weight of any kind, or the bias beside one.
pub fn layout() -> BoxedStrategy<WeightLayout> {
    let beside = weight().prop_map(|weight| WeightLayout::bias_of(&weight).unwrap_or(weight));
    prop_oneof![12 => weight(), 1 => beside].boxed()
}

fn weight() -> BoxedStrategy<WeightLayout> {
    let kernel = || prop::collection::vec(1..5usize, 1..4);
    let conv = |transposed: bool| {
        (1..4usize, 0..5usize, 0..5usize, kernel()).prop_map(
            move |(groups, first, second, kernel)| {
                let shape = [vec![groups * first, second], kernel].concat();
                let layout = match transposed {
                    true => WeightLayout::conv_transpose(shape),
                    false => WeightLayout::conv(shape),
                };
                let layout = layout.and_then(|layout| layout.groups(groups));
                layout.expect("groups that divide the channels")
            },
        )
    };
    let axes = prop::collection::vec(
        select(vec![Axis::Index, Axis::Input, Axis::Output, Axis::Kernel]),
        0..5,
    );
    let any_axes = axes.prop_flat_map(|axes| {
        prop::collection::vec(0..6usize, axes.len()).prop_map(move |shape| {
            WeightLayout::new(shape, axes.clone()).expect("an axis for each size")
        })
    });
    prop_oneof![
        4 => (size(), size()).prop_map(|(i, o)| WeightLayout::linear([i, o])),
        4 => (size(), size()).prop_map(|(o, i)| WeightLayout::linear_col([o, i])),
        3 => conv(false),
        3 => conv(true),
        1 => (size(), size()).prop_map(|(v, d)| WeightLayout::embedding([v, d])),
        1 => prop::collection::vec(0..30usize, 0..3).prop_map(WeightLayout::vector),
        1 => any_axes,
    ]
    .boxed()
}
