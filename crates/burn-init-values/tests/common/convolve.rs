//! Convolutions by loops over everything, for signals, pictures and volumes.

use burn_init_values::WeightLayout;

/// Channels of the same sizes, one after another.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    pub sizes: Vec<usize>,
    pub values: Vec<f64>,
}

impl Picture {
    /// A channel for each number, by a function of the channel and the place along each axis.
    pub fn new(channels: usize, sizes: &[usize], value: impl Fn(usize, &[usize]) -> f64) -> Self {
        let values = (0..channels).flat_map(|c| places(sizes).map(move |place| (c, place)));
        Self {
            sizes: sizes.to_vec(),
            values: values.map(|(c, place)| value(c, &place)).collect(),
        }
    }

    pub fn at(&self, channel: usize, place: &[usize]) -> f64 {
        let index = place
            .iter()
            .zip(&self.sizes)
            .fold(channel, |index, (place, size)| index * size + place);
        self.values[index]
    }

    pub fn norm(&self) -> f64 {
        self.values.iter().map(|x| x * x).sum::<f64>().sqrt()
    }
}

/// All places of a grid, in row-major order.
pub fn places(sizes: &[usize]) -> impl Iterator<Item = Vec<usize>> {
    let sizes = sizes.to_vec();
    (0..sizes.iter().product()).map(move |mut index: usize| {
        let mut place = vec![0; sizes.len()];
        for (place, size) in place.iter_mut().zip(&sizes).rev() {
            (*place, index) = (index % size, index / size);
        }
        place
    })
}

/// What lies outside of a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outside {
    Zeros,
    /// The other side.
    Around,
}

/// `[channels_out, channels_in / groups, kernel…]` with stride 1: output p is Σ w(k) x(p + k − ⌊(K − 1)/2⌋),
/// as large as the input.
pub fn convolve(layout: &WeightLayout, w: &[f32], x: &Picture, outside: Outside) -> Picture {
    let ([outputs, inputs], kernel) = channels(layout);
    let per_group = outputs / layout.group_count();
    Picture::new(outputs, &x.sizes, |o, place| {
        let mut sum = 0.0;
        for i in 0..inputs {
            for (number, k) in places(kernel).enumerate() {
                let w = w[(o * inputs + i) * k_count(kernel) + number];
                let source: Option<Vec<usize>> = (0..kernel.len())
                    .map(|a| {
                        let n = x.sizes[a];
                        let shifted = place[a] + k[a] + n - (kernel[a] - 1) / 2;
                        match outside {
                            Outside::Around => Some(shifted % n),
                            Outside::Zeros => shifted.checked_sub(n).filter(|place| *place < n),
                        }
                    })
                    .collect();
                if let Some(source) = source {
                    sum += f64::from(w) * x.at(o / per_group * inputs + i, &source);
                }
            }
        }
        sum
    })
}

/// `[channels_in, channels_out / groups, kernel…]`: input i is spread to the places i·stride + k − padding,
/// of a picture of these sizes.
pub fn convolve_transposed(
    layout: &WeightLayout,
    w: &[f32],
    x: &Picture,
    stride: usize,
    padding: usize,
    sizes: &[usize],
) -> Picture {
    let ([inputs, outputs], kernel) = channels(layout);
    let groups = layout.group_count();
    let mut y = Picture::new(outputs * groups, sizes, |_, _| 0.0);
    for i in 0..inputs {
        for place in places(&x.sizes) {
            for o in 0..outputs {
                for (number, k) in places(kernel).enumerate() {
                    let w = w[(i * outputs + o) * k_count(kernel) + number];
                    let mut index = Some(i / (inputs / groups) * outputs + o);
                    for a in 0..kernel.len() {
                        let target = (place[a] * stride + k[a]).checked_sub(padding);
                        let target = target.filter(|target| *target < sizes[a]);
                        index = index.zip(target).map(|(index, t)| index * sizes[a] + t);
                    }
                    if let Some(index) = index {
                        y.values[index] += f64::from(w) * x.at(i, &place);
                    }
                }
            }
        }
    }
    y
}

fn channels(layout: &WeightLayout) -> ([usize; 2], &[usize]) {
    ([layout.shape()[0], layout.shape()[1]], layout.kernel())
}

fn k_count(kernel: &[usize]) -> usize {
    kernel.iter().product()
}
