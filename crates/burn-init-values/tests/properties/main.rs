//! What holds for all initializers, on settings, layouts and ranges that are drawn at random.
//!
//! `PROPTEST_CASES` says how many of each; `cargo xtask fuzz` runs them for as long as one likes.

mod layouts;
mod strategies;

use burn_init_values::{AnyInitializer, InitError, Initializer, Seed, WeightLayout, draw};
use layouts::layout;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use strategies::{any_initializer, gives_numbers};

/// The bits of values. All NaN are one: what a sum makes of a NaN's sign and payload is the machine's.
fn bits(values: &[f32]) -> Vec<u32> {
    let one_nan = |value: &f32| if value.is_nan() { f32::NAN } else { *value };
    values
        .iter()
        .map(|value| one_nan(value).to_bits())
        .collect()
}

fn failed(error: impl std::fmt::Display) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}

/// Of an accepted initializer, all values; `None` where it says at the end that it can't connect all
/// neurons and inputs, which only a draw can tell.
fn values(init: &AnyInitializer, layout: &WeightLayout) -> Result<Option<Vec<f32>>, TestCaseError> {
    match init.draw(layout, Seed::new(7).key("w")) {
        Ok(values) => Ok(Some(values)),
        Err(InitError::Setting {
            setting: "pattern", ..
        }) => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

proptest! {
    /// Nothing panics, and what `check` accepts can be drawn: as many values as elements, finite, between
    /// the bounds that are told, and zero where the mask says so.
    #[test]
    fn accepted_settings_give_values(init in any_initializer(2), layout in layout()) {
        let key = Seed::new(7).key("w");
        let Ok(fitted) = init.fit(&layout) else { return Ok(()) };
        let Some(values) = values(&init, &layout)? else { return Ok(()) };
        prop_assert_eq!(values.len(), layout.elements().map_err(failed)?);
        let numbers = gives_numbers(&init);
        prop_assert!(!numbers || values.iter().all(|value| value.is_finite()), "{:?}", values);
        if let (true, Some((low, high))) = (numbers, fitted.bounds()) {
            prop_assert!(values.iter().all(|value| (low..=high).contains(value)), "{:?}", values);
        }
        let (again, mask) = fitted.draw_with_mask(key).map_err(failed)?;
        prop_assert_eq!(bits(&values), bits(&again));
        prop_assert_eq!(mask.is_some(), fitted.is_sparse());
        if let Some(mask) = mask {
            let dead = values.iter().zip(&mask).filter(|(_, lives)| !**lives);
            prop_assert!(dead.into_iter().all(|(value, _)| value.to_bits() == 0));
        }
        if let Some(each) = fitted.elementwise(key) {
            let one_by_one = (0..values.len() as u64).map(|i| each.value(draw::word(key, i)));
            prop_assert_eq!(bits(&values), bits(&one_by_one.collect::<Vec<_>>()), "{:?}", each);
        }
    }

    /// Every range is a part of the whole, whatever the memory held before.
    #[test]
    fn ranges_are_parts(
        init in any_initializer(2),
        layout in layout(),
        begin in 0.0..1.0f64,
        end in 0.0..1.0f64,
    ) {
        if init.check(&layout).is_err() {
            return Ok(());
        }
        let Some(values) = values(&init, &layout)? else { return Ok(()) };
        let place = |share: f64| (share * (values.len() + 1) as f64) as usize;
        let (begin, end) = (place(begin.min(end)), place(begin.max(end)));
        let mut part = vec![f32::NAN; end - begin];
        let key = Seed::new(7).key("w");
        init.fill(&layout, key, begin, &mut part).map_err(failed)?;
        prop_assert_eq!(bits(&part), bits(&values[begin..end]), "{}..{}", begin, end);
        let beyond = init.fill(&layout, key, values.len(), &mut [0.0]);
        prop_assert!(beyond.is_err());
    }

    /// A layout in a file is the same layout.
    #[test]
    fn layouts_in_files(layout in layout()) {
        let bytes = postcard::to_allocvec(&layout).map_err(failed)?;
        prop_assert_eq!(&postcard::from_bytes::<WeightLayout>(&bytes).map_err(failed)?, &layout);
        let json = serde_json::to_string(&layout).map_err(failed)?;
        prop_assert_eq!(&serde_json::from_str::<WeightLayout>(&json).map_err(failed)?, &layout);
    }

    /// JSON, TOML, MessagePack and postcard give back what went in.
    #[test]
    fn files_give_back_what_went_in(init in any_initializer(2)) {
        let json = serde_json::to_string(&init).map_err(failed)?;
        let same = serde_json::from_str::<AnyInitializer>(&json).map_err(failed)?;
        // Without its feature `float_roundtrip`, serde_json may miss a number with an exponent by a unit
        // in the last place.
        let digits = json.as_bytes().windows(2);
        if !digits.into_iter().any(|pair| pair[0].is_ascii_digit() && pair[1] == b'e') {
            prop_assert_eq!(&same, &init);
        }
        let compact = rmp_serde::to_vec(&init).map_err(failed)?;
        prop_assert_eq!(&rmp_serde::from_slice::<AnyInitializer>(&compact).map_err(failed)?, &init);
        let named = rmp_serde::to_vec_named(&init).map_err(failed)?;
        prop_assert_eq!(&rmp_serde::from_slice::<AnyInitializer>(&named).map_err(failed)?, &init);
        let bytes = postcard::to_allocvec(&init).map_err(failed)?;
        prop_assert_eq!(&postcard::from_bytes::<AnyInitializer>(&bytes).map_err(failed)?, &init);
        // A TOML file is a table.
        let table = std::collections::BTreeMap::from([("init", &init)]);
        let toml = toml::to_string(&table).map_err(failed)?;
        type Table = std::collections::BTreeMap<String, AnyInitializer>;
        prop_assert_eq!(&toml::from_str::<Table>(&toml).map_err(failed)?["init"], &init);
    }
}

/// One thread and seven give the same bits, of weights that are large enough for several.
#[cfg(feature = "rayon")]
#[test]
fn threads_agree() {
    use proptest::test_runner::{Config, TestRunner};

    let pool = |threads| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("a system that starts threads")
    };
    let (one, seven) = (pool(1), pool(7));
    let large = prop_oneof![
        (100..300usize, 100..300usize).prop_map(|(a, b)| WeightLayout::linear([a, b])),
        (100..300usize, 100..300usize).prop_map(|(a, b)| WeightLayout::linear_col([a, b])),
        Just(WeightLayout::conv([64, 64, 4, 4]).expect("a convolution")),
        Just(WeightLayout::conv_transpose([64, 64, 4, 4]).expect("a convolution")),
    ];
    // Each takes a hundred times as long as a small one.
    let cases = (Config::default().cases / 8).max(1);
    let mut runner = TestRunner::new(Config::with_cases(cases));
    let result = runner.run(&(any_initializer(1), large), |(init, layout)| {
        if init.check(&layout).is_err() {
            return Ok(());
        }
        let draw = || values(&init, &layout).map(|values| values.map(|values| bits(&values)));
        prop_assert_eq!(one.install(draw)?, seven.install(draw)?);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}
