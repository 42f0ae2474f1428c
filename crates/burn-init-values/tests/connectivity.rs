//! Neurons without inputs, and inputs that no neuron reads.

use crate::common::{draw, key, mask, row_counts};
use burn_init_values::sparse::{Connectivity, Pattern};
use burn_init_values::{Initializer, Sparse, WeightLayout};

#[test]
fn connectivity() {
    let layout = WeightLayout::linear_col([40, 60]);
    let of = |init: &Sparse| {
        let w = draw(init, layout.clone());
        let mask: Vec<bool> = w.iter().map(|w| *w != 0.0).collect();
        Connectivity::of(&layout, &mask).unwrap()
    };
    let sparse = Sparse::new(Pattern::Bernoulli(0.03));
    let before = of(&sparse);
    assert!(
        before.dead_outputs > 0 && before.unread_inputs > 0,
        "{before}"
    );
    let after = of(&sparse.clone().reconnect());
    assert!(
        after.is_complete() && after.kept == before.kept,
        "{before} {after}"
    );
    let error = sparse.require_connected().draw(&layout, key()).unwrap_err();
    assert!(
        error.to_string().contains("inputs that nothing reads"),
        "{error}"
    );
    // One weight per neuron can't read more inputs than neurons: the rest stays unread, and is an error.
    let error = Sparse::exact(1)
        .reconnect()
        .draw(&layout, key())
        .unwrap_err();
    assert!(
        error.to_string().contains("20 inputs that nothing reads"),
        "{error}"
    );
    // k per neuron stays k per neuron.
    let repaired = Sparse::exact(2).reconnect();
    assert!(of(&repaired).is_complete());
    assert!(
        row_counts(&mask(&repaired, 40, 60), 60)
            .iter()
            .all(|k| *k == 2)
    );
    let cut = Connectivity::of(&layout, &[false; 2400]).unwrap();
    assert!(cut.is_cut() && cut.dead_outputs == 40 && cut.density() == 0.0);
    assert!(Connectivity::of(&layout, &[true; 7]).is_err());
}

/// A pattern with a structure would lose it: of n of m, in each direction.
#[test]
fn structured_patterns_are_not_repaired() {
    let init = Sparse::new(Pattern::n_of_m(1, 4)).reconnect();
    let error = init.draw(&WeightLayout::linear([8, 4]), key());
    let error = error.unwrap_err().to_string();
    assert!(error.contains("reconnect is 1 of 4"), "{error}");
}
