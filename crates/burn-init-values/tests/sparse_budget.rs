//! Budgets: densities of layers, and weights that add up.

use crate::common::{assert_refused, conv, count_nonzeros, key};
use burn_init_values::{AnyInitializer, Constant, Initializer, SparseBudget, WeightLayout};

/// Erdős–Rényi: densities of Mocanu et al. (2018) and Evci et al. (2020), known to 6 digits.
#[test]
fn budgets() {
    let deep = |density: f64| {
        let mut layers = vec![WeightLayout::linear([784, 100])];
        layers.extend(vec![WeightLayout::linear([100, 100]); 5]);
        layers.push(WeightLayout::linear([100, 10]));
        (layers, density)
    };
    let digits = |density: f64| {
        (
            vec![
                WeightLayout::linear([100, 64]),
                WeightLayout::linear([64, 10]),
            ],
            density,
        )
    };
    type Model = (Vec<WeightLayout>, f64);
    let cases: [(Model, &[f64]); 3] = [
        (
            deep(0.1),
            &[
                0.073_172, 0.129_789, 0.129_789, 0.129_789, 0.129_789, 0.129_789, 0.713_842,
            ],
        ),
        (digits(0.1), &[0.075_798, 0.342_017]),
        (digits(0.05), &[0.037_899, 0.171_008]),
    ];
    for ((layers, density), expected) in cases {
        let sizes: Vec<usize> = layers
            .iter()
            .map(|layout| layout.elements().unwrap())
            .collect();
        let total: usize = sizes.iter().sum();
        for budget in [
            SparseBudget::erdos_renyi(density),
            SparseBudget::erk(density),
        ] {
            let counts = budget.counts(&layers).unwrap();
            assert_eq!(
                counts.iter().sum::<usize>(),
                (density * total as f64).round() as usize
            );
            for ((count, size), expected) in counts.iter().zip(&sizes).zip(expected) {
                // A whole number of weights is within one of the density's.
                assert!(
                    (*count as f64 - expected * *size as f64).abs() <= 1.0,
                    "{counts:?}"
                );
            }
        }
        let counts = SparseBudget::uniform(density).counts(&layers).unwrap();
        assert_eq!(
            counts.iter().sum::<usize>(),
            (density * total as f64).round() as usize
        );
        for (count, size) in counts.iter().zip(&sizes) {
            assert!((*count as f64 - density * *size as f64).abs() <= 1.0);
        }
    }
    // A kernel's places count for ERK: (3 + 64 + 3 + 3)/(3·64·9) against (64 + 64 + 6)/(64·64·9), but the first can't have more than all of its weights.
    let convs = [conv([64, 3, 3, 3]), conv([64, 64, 3, 3])];
    let (first, second): (f64, f64) = (73.0 / 1728.0, 134.0 / 36864.0);
    let counts = SparseBudget::erk(0.05).counts(&convs).unwrap();
    let scale = (0.05f64 * 38592.0).round() / (first * 1728.0 + second * 36864.0);
    assert!(
        (counts[0] as f64 - scale * 73.0).abs() <= 1.0
            && (counts[1] as f64 - scale * 134.0).abs() <= 1.0
    );
    let full = SparseBudget::erk(0.5).counts(&convs).unwrap();
    assert_eq!(full, [1728, 19296 - 1728]);
    assert_eq!(
        SparseBudget::erk(1.0).counts(&convs).unwrap(),
        [1728, 36864]
    );
    assert_eq!(SparseBudget::erk(0.0).counts(&convs).unwrap(), [0, 0]);
}

/// All layers together have the budget's counts, exactly: of linear layers, and with a convolution
/// beside them.
#[test]
fn fit_all_spreads_a_budget() {
    let layers = [
        WeightLayout::linear([100, 64]),
        WeightLayout::linear([64, 10]),
    ];
    let mixed = [conv([16, 3, 3, 3]), WeightLayout::linear([64, 10])];
    let counts = |budget: &dyn Initializer, layers: &[WeightLayout]| -> Vec<usize> {
        let all = budget
            .fit_all(&layers.iter().collect::<Vec<_>>())
            .into_iter();
        all.map(|fitted| count_nonzeros(&fitted.unwrap().draw(key()).unwrap()))
            .collect()
    };
    assert_eq!(counts(&SparseBudget::erk(0.1), &layers), [485, 219]);
    assert_eq!(counts(&SparseBudget::uniform(0.1), &layers), [640, 64]);
    let of_mixed = counts(&SparseBudget::erk(0.33), &mixed);
    assert_eq!(
        of_mixed.iter().sum::<usize>(),
        (0.33f64 * 1072.0).round() as usize
    );
    assert_eq!(of_mixed, SparseBudget::erk(0.33).counts(&mixed).unwrap());

    // Each alone has the density of all.
    let alone = SparseBudget::erk(0.1).fit(&layers[0]).unwrap();
    assert_eq!(count_nonzeros(&alone.draw(key()).unwrap()), 640);

    // Masks and files keep what was asked for.
    let pinned: AnyInitializer = SparseBudget::erk(0.1)
        .values(Constant::zeros())
        .pinned()
        .into();
    for (fitted, count) in pinned
        .fit_all(&layers.iter().collect::<Vec<_>>())
        .into_iter()
        .zip([485, 219])
    {
        let fitted = fitted.unwrap();
        assert!(fitted.is_lasting());
        let (_, mask) = fitted.draw_with_mask(key()).unwrap();
        assert_eq!(
            mask.unwrap().into_iter().filter(|kept| *kept).count(),
            count
        );
    }
}

#[test]
fn refused() {
    let layout = WeightLayout::linear_col([8, 12]);
    assert_refused([
        (
            SparseBudget::erk(-1.0).into(),
            layout.clone(),
            &["density is -1", "from 0 to 1"][..],
        ),
        (
            SparseBudget::erk(1.5).into(),
            layout.clone(),
            &["density is 1.5"],
        ),
    ]);
    // One layer without neurons is an error of all, which share the budget.
    let both = [layout.clone(), WeightLayout::vector([5])];
    let errors = SparseBudget::erk(0.1).fit_all(&both.iter().collect::<Vec<_>>());
    assert!(errors.iter().all(Result::is_err));

    // Fewer weights than neurons can't connect all.
    let too_few = SparseBudget::erk(0.05).require_connected();
    let error = too_few.draw(&layout, key()).unwrap_err().to_string();
    assert!(error.contains("neurons without an input"), "{error}");
}
