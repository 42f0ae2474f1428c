//! The families of wavelets, by their PyWavelets names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::filters::{COIFLETS, DAUBECHIES, SYMLETS};
use crate::error::InitError;

/// An orthogonal wavelet with compact support, by its PyWavelets name: `haar`, `db2`–`db20`,
/// `sym2`–`sym20`, `coif1`–`coif5`.
///
/// ```
/// use burn_init_values::wavelet::Family;
///
/// let family: Family = "db4".parse()?;
/// assert_eq!((family.vanishing_moments(), family.filter_len()), (4, 8));
/// let error = "db21".parse::<Family>().unwrap_err();
/// assert!(error.to_string().contains("db20"));
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Family {
    kind: Kind,
    /// The number in the name; 1 for Haar.
    order: usize,
}

/// How nearly a wavelet is symmetric. Only Haar's could be exactly so, and it is odd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Symmetry {
    /// Far from it: energy comes early in the filter.
    Asymmetric,
    /// As near as an orthogonal wavelet of this kind gets.
    NearSymmetric,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Daubechies,
    Symlet,
    Coiflet,
}

impl Family {
    /// Haar, also known as db1: piecewise constant. The only family that exists for every length.
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
        }
    }

    /// The high-pass decomposition filter: −(−1)ʲ h₍F₋₁₋ⱼ₎ for the low-pass filter h of length F.
    pub fn decomposition_high_pass(&self) -> Vec<f64> {
        let low = self.decomposition_low_pass().iter().rev();
        low.enumerate()
            .map(|(j, h)| if j % 2 == 0 { -h } else { *h })
            .collect()
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
        }
    }

    /// How many moments of the wavelet are 0: polynomials of a lower degree have no details.
    pub fn vanishing_moments(&self) -> usize {
        match self.kind {
            Kind::Daubechies | Kind::Symlet => self.order,
            Kind::Coiflet => 2 * self.order,
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
                "haar, db1 to db20, sym2 to sym20 or coif1 to coif5; the nearest are {}",
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
        assert_eq!(Family::all().count(), 44);
        for family in Family::all() {
            assert_eq!(family.to_string().parse(), Ok(family));
        }
        assert_eq!("DB1".parse(), Ok(Family::HAAR));
        for (name, nearest) in [
            ("db21", "db2"),
            ("symm4", "sym4"),
            ("harr", "haar"),
            ("", "db2"),
        ] {
            let message = name.parse::<Family>().unwrap_err().to_string();
            assert!(message.contains(nearest), "{message}");
        }
    }

    #[test]
    fn equal_pywavelets() {
        let text = include_str!("../../../tests/golden/filters.json");
        let golden: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(golden.as_object().unwrap().len(), Family::all().count());
        for family in Family::all() {
            let filters = &golden[family.to_string()];
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
        }
    }

    /// What defines the filters: unit gain, orthonormal even shifts, vanishing moments.
    #[test]
    fn definition() {
        for family in Family::all() {
            let low = family.decomposition_low_pass();
            let high = family.decomposition_high_pass();
            assert!(
                (low.iter().sum::<f64>() - 2f64.sqrt()).abs() < 1e-9,
                "{family}"
            );
            for shift in (0..low.len()).step_by(2) {
                let overlap = |a: &[f64], b: &[f64]| -> f64 {
                    a[shift..].iter().zip(b).map(|(a, b)| a * b).sum()
                };
                let expected = f64::from(u8::from(shift == 0));
                assert!((overlap(low, low) - expected).abs() < 1e-9, "{family}");
                assert!((overlap(&high, &high) - expected).abs() < 1e-9, "{family}");
                assert!(overlap(low, &high).abs() < 1e-9, "{family}");
            }
            // Moments around the filter's middle, relative to their largest term: double precision
            // limits the high ones.
            let middle = (low.len() - 1) as f64 / 2.0;
            for power in 0..family.vanishing_moments() as i32 {
                let term = |(j, h): (usize, &f64)| h * (j as f64 - middle).powi(power);
                let moment: f64 = high.iter().enumerate().map(term).sum();
                let size: f64 = high.iter().enumerate().map(term).map(f64::abs).sum();
                assert!(
                    moment.abs() < 1e-6 * size,
                    "{family}, moment {power}: {moment} of {size}"
                );
            }
        }
    }
}
