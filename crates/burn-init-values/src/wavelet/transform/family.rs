//! The families of wavelets, by their PyWavelets names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::filters::{BIORTHOGONAL, COIFLETS, DAUBECHIES, SYMLETS};
use crate::error::InitError;

/// A wavelet with compact support, by its PyWavelets name: the orthogonal ones `haar`, `db2`–`db20`,
/// `sym2`–`sym20`, `coif1`–`coif5`; the biorthogonal ones `bior1.1`–`bior6.8` and, with the filters of
/// decomposition and reconstruction exchanged, `rbio1.1`–`rbio6.8`.
///
/// ```
/// use burn_init_values::wavelet::Family;
///
/// let family: Family = "db4".parse()?;
/// assert_eq!((family.vanishing_moments(), family.filter_len()), (4, 8));
/// let family: Family = "bior2.4".parse()?;
/// assert!(!family.is_orthogonal() && family.dual().to_string() == "rbio2.4");
/// let error = "db21".parse::<Family>().unwrap_err();
/// assert!(error.to_string().contains("db20"));
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct Family {
    kind: Kind,
    /// The number in the name, 1 for Haar; of bior and rbio both digits: 24 for bior2.4.
    order: usize,
}

/// How nearly a wavelet is symmetric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Symmetry {
    /// Far from it: energy comes early in the filter.
    Asymmetric,
    /// As near as an orthogonal wavelet of this kind gets.
    NearSymmetric,
    /// Exactly symmetric or antisymmetric, as biorthogonal wavelets are.
    Symmetric,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Daubechies,
    Symlet,
    Coiflet,
    Biorthogonal,
    ReverseBiorthogonal,
}

/// Which families are orthogonal, in messages.
const ORTHOGONAL: &str = "haar, db2 to db20, sym2 to sym20 or coif1 to coif5";

impl Family {
    /// Haar, also known as db1: piecewise constant. The only family that exists for every length without
    /// [filters of its own at the ends](super::Boundary::Filters).
    pub const HAAR: Self = Self {
        kind: Kind::Daubechies,
        order: 1,
    };

    /// All families.
    pub fn all() -> impl Iterator<Item = Self> {
        let of = |kind, orders: std::ops::RangeInclusive<usize>| {
            orders.map(move |order| Self { kind, order })
        };
        of(Kind::Daubechies, 1..=20)
            .chain(of(Kind::Symlet, 2..=20))
            .chain(of(Kind::Coiflet, 1..=5))
            .chain(
                [Kind::Biorthogonal, Kind::ReverseBiorthogonal]
                    .into_iter()
                    .flat_map(|kind| BIORTHOGONAL.map(|(order, ..)| Self { kind, order })),
            )
    }

    /// Whether shifts and scales of the wavelet are orthogonal to each other: all but bior and rbio.
    pub fn is_orthogonal(&self) -> bool {
        !matches!(self.kind, Kind::Biorthogonal | Kind::ReverseBiorthogonal)
    }

    /// An error of this initializer's, if the family isn't orthogonal, as it must be for that reason.
    pub(in crate::wavelet) fn check_orthogonal(
        &self,
        initializer: &'static str,
        reason: &str,
    ) -> Result<(), InitError> {
        if self.is_orthogonal() {
            return Ok(());
        }
        let expected = format!("an orthogonal one, {reason}: {ORTHOGONAL}");
        Err(InitError::setting(initializer, "family", self, expected))
    }

    /// The family whose filters decompose as this one's reconstruct: rbio2.4 for bior2.4, bior2.4 for
    /// rbio2.4, and an orthogonal family itself.
    pub fn dual(&self) -> Self {
        let kind = match self.kind {
            Kind::Biorthogonal => Kind::ReverseBiorthogonal,
            Kind::ReverseBiorthogonal => Kind::Biorthogonal,
            orthogonal => orthogonal,
        };
        Self { kind, ..*self }
    }

    /// Daubechies' extremal-phase wavelet with this many vanishing moments, 1 to 20.
    ///
    /// # Errors
    ///
    /// If there is no such wavelet.
    pub fn daubechies(vanishing_moments: usize) -> Result<Self, InitError> {
        format!("db{vanishing_moments}").parse()
    }

    /// The low-pass decomposition filter.
    pub fn decomposition_low_pass(&self) -> &'static [f64] {
        match self.kind {
            Kind::Daubechies => DAUBECHIES[self.order - 1],
            Kind::Symlet => SYMLETS[self.order - 2],
            Kind::Coiflet => COIFLETS[self.order - 1],
            Kind::Biorthogonal => self.biorthogonal().0,
            Kind::ReverseBiorthogonal => self.biorthogonal().1,
        }
    }

    /// The low-pass filters of bior and of rbio.
    fn biorthogonal(&self) -> (&'static [f64], &'static [f64]) {
        let found = BIORTHOGONAL.iter().find(|(order, ..)| *order == self.order);
        found.map_or((&[], &[]), |(_, bior, rbio)| (bior, rbio))
    }

    /// The high-pass decomposition filter: −(−1)ʲ h̃ⱼ for the low-pass reconstruction filter h̃, which
    /// is h₍F₋₁₋ⱼ₎ of an orthogonal family.
    pub fn decomposition_high_pass(&self) -> Vec<f64> {
        let low = self.dual().decomposition_low_pass().iter().rev();
        low.enumerate()
            .map(|(j, h)| if j % 2 == 0 { -h } else { *h })
            .collect()
    }

    /// The low-pass reconstruction filter: the decomposition filter of the [dual](Self::dual),
    /// backwards.
    pub fn reconstruction_low_pass(&self) -> Vec<f64> {
        let dual = self.dual();
        dual.decomposition_low_pass()
            .iter()
            .rev()
            .copied()
            .collect()
    }

    /// The high-pass reconstruction filter: the decomposition filter of the [dual](Self::dual),
    /// backwards.
    pub fn reconstruction_high_pass(&self) -> Vec<f64> {
        let high = self.dual().decomposition_high_pass();
        high.into_iter().rev().collect()
    }

    /// The filters' length.
    pub fn filter_len(&self) -> usize {
        self.decomposition_low_pass().len()
    }

    /// The length of the interval outside of which the wavelet is 0: the filters' length less 1.
    pub fn support_len(&self) -> usize {
        self.filter_len() - 1
    }

    /// How nearly the wavelet is symmetric, as PyWavelets has it.
    pub fn symmetry(&self) -> Symmetry {
        match self.kind {
            Kind::Daubechies => Symmetry::Asymmetric,
            Kind::Symlet | Kind::Coiflet => Symmetry::NearSymmetric,
            Kind::Biorthogonal | Kind::ReverseBiorthogonal => Symmetry::Symmetric,
        }
    }

    /// How many moments of the wavelet that decomposes are 0: polynomials of a lower degree have no
    /// details.
    pub fn vanishing_moments(&self) -> usize {
        match self.kind {
            Kind::Daubechies | Kind::Symlet => self.order,
            Kind::Coiflet => 2 * self.order,
            // The filters of bior5.5 don't have what its name says.
            Kind::Biorthogonal if self.order == 55 => 6,
            Kind::ReverseBiorthogonal if self.order == 55 => 4,
            Kind::Biorthogonal => self.order / 10,
            Kind::ReverseBiorthogonal => self.order % 10,
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Daubechies if self.order == 1 => write!(f, "haar"),
            Kind::Daubechies => write!(f, "db{}", self.order),
            Kind::Symlet => write!(f, "sym{}", self.order),
            Kind::Coiflet => write!(f, "coif{}", self.order),
            Kind::Biorthogonal => write!(f, "bior{}.{}", self.order / 10, self.order % 10),
            Kind::ReverseBiorthogonal => write!(f, "rbio{}.{}", self.order / 10, self.order % 10),
        }
    }
}

impl FromStr for Family {
    type Err = InitError;

    fn from_str(name: &str) -> Result<Self, InitError> {
        let lower = name.to_lowercase();
        if lower == "db1" {
            return Ok(Self::HAAR);
        }
        if let Some(family) = Self::all().find(|family| family.to_string() == lower) {
            return Ok(family);
        }
        let mut names: Vec<String> = Self::all().map(|family| family.to_string()).collect();
        names.sort_by_key(|known| strsim::damerau_levenshtein(known, &lower));
        names.truncate(3);
        Err(InitError::setting(
            "Wavelet",
            "family",
            format!("`{name}`"),
            format!(
                "haar, db1 to db20, sym2 to sym20, coif1 to coif5, bior1.1 to bior6.8 or rbio1.1 to \
                 rbio6.8; the nearest are {}",
                names.join(", ")
            ),
        ))
    }
}

impl TryFrom<String> for Family {
    type Error = InitError;

    fn try_from(name: String) -> Result<Self, InitError> {
        name.parse()
    }
}

impl From<Family> for String {
    fn from(family: Family) -> Self {
        family.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(Family::all().count(), 74);
        assert_eq!(Family::all().filter(Family::is_orthogonal).count(), 44);
        for family in Family::all() {
            assert_eq!(family.to_string().parse(), Ok(family));
        }
        assert_eq!("DB1".parse(), Ok(Family::HAAR));
        for (name, nearest) in [
            ("db21", "db2"),
            ("symm4", "sym4"),
            ("harr", "haar"),
            ("bior2.3", "bior2.2"),
            ("rbior4.4", "rbio4.4"),
            ("", "db2"),
        ] {
            let message = name.parse::<Family>().unwrap_err().to_string();
            assert!(message.contains(nearest), "{message}");
        }
    }

    #[test]
    fn equal_pywavelets() {
        let read = |text| -> serde_json::Value { serde_json::from_str(text).unwrap() };
        let orthogonal = read(include_str!("../../../tests/golden/filters.json"));
        let biorthogonal = read(include_str!("../../../tests/golden/biorthogonal.json"));
        let golden = [&orthogonal, &biorthogonal["filters"]];
        let count = golden.map(|filters| filters.as_object().unwrap().len());
        assert_eq!(count.iter().sum::<usize>(), Family::all().count());
        for family in Family::all() {
            let filters = &golden[usize::from(!family.is_orthogonal())][family.to_string()];
            let equal = |name: &str, filter: &[f64]| {
                let expected = filters[name].as_array().unwrap();
                assert_eq!(expected.len(), filter.len(), "{family}");
                for (h, expected) in filter.iter().zip(expected) {
                    // Reading a decimal number may be off by a unit of the last place.
                    assert!(
                        (h - expected.as_f64().unwrap()).abs() < 1e-15,
                        "{family} {name}"
                    );
                }
            };
            equal("dec_lo", family.decomposition_low_pass());
            equal("dec_hi", &family.decomposition_high_pass());
            equal("rec_lo", &family.reconstruction_low_pass());
            equal("rec_hi", &family.reconstruction_high_pass());
        }
    }

    /// What defines the filters: unit gain, even shifts that are orthonormal to those of the dual,
    /// vanishing moments and no more of them, symmetry.
    #[test]
    fn definition() {
        for family in Family::all() {
            let low = family.decomposition_low_pass();
            let high = family.decomposition_high_pass();
            assert!(
                (low.iter().sum::<f64>() - 2f64.sqrt()).abs() < 1e-9,
                "{family}"
            );
            let dual = family.dual();
            let (dual_low, dual_high) = (
                dual.decomposition_low_pass(),
                dual.decomposition_high_pass(),
            );
            assert_eq!(family.is_orthogonal(), family == dual);
            for shift in (0..low.len()).step_by(2) {
                let overlap = |a: &[f64], b: &[f64]| -> f64 {
                    a[shift..].iter().zip(b).map(|(a, b)| a * b).sum()
                };
                let expected = f64::from(u8::from(shift == 0));
                assert!((overlap(low, dual_low) - expected).abs() < 1e-9, "{family}");
                assert!(
                    (overlap(&high, &dual_high) - expected).abs() < 1e-9,
                    "{family}"
                );
                assert!(overlap(low, &dual_high).abs() < 1e-9, "{family}");
                assert!(overlap(&high, dual_low).abs() < 1e-9, "{family}");
            }
            if family.symmetry() == Symmetry::Symmetric {
                let ends = |filter: &[f64]| {
                    let is_tap = |h: &f64| *h != 0.0;
                    let first = filter.iter().position(is_tap).unwrap();
                    first..filter.iter().rposition(is_tap).unwrap() + 1
                };
                let taps = &low[ends(low)];
                let mirrored = taps
                    .iter()
                    .rev()
                    .zip(taps)
                    .all(|(a, b)| (a - b).abs() < 1e-12);
                assert!(mirrored, "{family}");
            }
            // Moments around the filter's middle, relative to their largest term: double precision
            // limits the high ones.
            let middle = (low.len() - 1) as f64 / 2.0;
            let vanishing = family.vanishing_moments() as i32;
            for power in 0..=vanishing {
                let term = |(j, h): (usize, &f64)| h * (j as f64 - middle).powi(power);
                let moment: f64 = high.iter().enumerate().map(term).sum();
                let size: f64 = high.iter().enumerate().map(term).map(f64::abs).sum();
                // Coiflets have a few more, and of high ones double precision knows nothing.
                assert!(
                    (moment.abs() < 1e-6 * size) == (power < vanishing)
                        || (power == vanishing && family.is_orthogonal()),
                    "{family}, moment {power}: {moment} of {size}"
                );
            }
        }
    }
}
