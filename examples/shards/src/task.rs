//! What is learned: points around ten centres, the same in every process.

use burn::tensor::{Device, Int, Tensor, TensorData};
use burn_init::{Seed, draw};

/// Coordinates of a point.
pub const INPUTS: usize = 100;
/// Centres.
pub const CLASSES: usize = 10;
/// Points of each batch.
const BATCH: usize = 50;

/// Batch number `step`: points `[50, 100]`, each 3 standard deviations of noise around one of ten centres
/// whose coordinates are N(0, 1), and the centre's number.
pub fn batch(step: usize, device: &Device) -> (Tensor<2>, Tensor<1, Int>) {
    let (centres, noise) = (Seed::new(1).key("centres"), Seed::new(1).key("noise"));
    let mut points = Vec::with_capacity(BATCH * INPUTS);
    let mut classes = Vec::with_capacity(BATCH);
    for point in step * BATCH..(step + 1) * BATCH {
        let class = point % CLASSES;
        classes.push(class as i32);
        for i in 0..INPUTS {
            let centre = draw::normal(centres, (class * INPUTS + i) as u64);
            points.push(centre + 3.0 * draw::normal(noise, (point * INPUTS + i) as u64));
        }
    }
    (
        Tensor::from_data(TensorData::new(points, [BATCH, INPUTS]), device),
        Tensor::from_data(TensorData::new(classes, [BATCH]), device),
    )
}
