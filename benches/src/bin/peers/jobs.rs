//! What is measured: the rows of the tables, with what burn-init and Burn do for each. What the other
//! libraries do stands in worker.py, under the same ids.

use std::time::{Duration, Instant};

use burn::nn::Initializer as Burn;
use burn::tensor::{Device, Tensor};
use burn_init::{
    InitError, InitParam, InitWeights, Initializer, Seed, Sparse, VarianceScaling, WeightLayout,
};
use burn_init_benches::initializers::{
    BOUND, STD, he_normal, normal, orthogonal, sparse, truncated_normal, uniform, wavelet_db4,
    wavelet_haar, wavelet_orthogonal,
};
use burn_init_benches::layers::{Layers, default_initializer};

/// The side of the matrices, unless a job's name says another.
const SIDE: usize = 4096;

/// Does a job once, and says how long it took.
pub type Task = Box<dyn Fn() -> Result<Duration, InitError>>;

/// One row.
pub struct Job {
    /// As in worker.py.
    pub id: &'static str,
    /// What the table calls it.
    pub name: &'static str,
    /// The table that it's in.
    pub table: &'static str,
    pub burn_init: Task,
    pub burn: Option<Task>,
}

impl Job {
    fn new(table: &'static str, id: &'static str, name: &'static str, burn_init: Task) -> Self {
        Self {
            id,
            name,
            table,
            burn_init,
            burn: None,
        }
    }

    /// Burn does it, too.
    fn and_burn(mut self, task: Task) -> Self {
        self.burn = Some(task);
        self
    }
}

/// All jobs, table by table.
pub fn all() -> Vec<Job> {
    let row = |side| WeightLayout::linear([side, side]);
    let col = |side| WeightLayout::linear_col([side, side]);
    let burn_uniform = Burn::Uniform {
        min: -BOUND,
        max: BOUND,
    };
    let burn_normal = Burn::Normal {
        mean: 0.0,
        std: STD,
    };
    let burn_he_normal = Burn::KaimingNormal {
        gain: std::f64::consts::SQRT_2,
        fan_out_only: false,
    };
    let burn_orthogonal = Burn::Orthogonal { gain: 1.0 };

    let dense = |id, name, task| Job::new("dense", id, name, task);
    let wavelets = |id, name, task| Job::new("wavelets", id, name, task);
    let orthogonals = |id, name, task| Job::new("orthogonal", id, name, task);
    vec![
        dense("uniform", "uniform", of(uniform(), row(SIDE))).and_burn(of_burn(burn_uniform, SIDE)),
        dense("normal", "normal", of(normal(), row(SIDE))).and_burn(of_burn(burn_normal, SIDE)),
        dense("he_normal", "Kaiming normal", of(he_normal(), row(SIDE)))
            .and_burn(of_burn(burn_he_normal, SIDE)),
        dense(
            "truncated_normal",
            "truncated normal",
            of(truncated_normal(), row(SIDE)),
        ),
        dense(
            "sparse_outgoing",
            "sparse, 10 % of each input's",
            of(Sparse::torch(0.9, 0.01), col(SIDE)),
        ),
        dense(
            "sparse_incoming",
            "sparse, 10 % of each output's",
            of(sparse(), col(SIDE)),
        ),
        wavelets(
            "haar_axis0",
            "Haar, along axis 0",
            of(wavelet_haar(), row(SIDE)),
        ),
        wavelets(
            "haar_axis1",
            "Haar, along axis 1",
            of(wavelet_haar(), col(SIDE)),
        ),
        wavelets(
            "db4_axis0",
            "db4, along axis 0",
            of(wavelet_db4(), row(SIDE)),
        ),
        wavelets(
            "db4_axis1",
            "db4, along axis 1",
            of(wavelet_db4(), col(SIDE)),
        ),
        orthogonals(
            "orthogonal_512",
            "orthogonal, 512²",
            of(orthogonal(), row(512)),
        )
        .and_burn(of_burn(burn_orthogonal, 512)),
        orthogonals(
            "orthogonal_1024",
            "orthogonal, 1024²",
            of(orthogonal(), row(1024)),
        ),
        orthogonals(
            "orthogonal_4096",
            "orthogonal, 4096²",
            of(orthogonal(), row(4096)),
        ),
        orthogonals(
            "wavelet_orthogonal",
            "orthogonal by wavelets, 4096²",
            of(wavelet_orthogonal(), row(4096)),
        ),
        Job::new(
            "layers",
            "layers",
            "1,000 layers, 64²",
            Box::new(init_weights),
        )
        .and_burn(Box::new(read_layers)),
    ]
}

/// The time that `work` takes, without that for dropping what it gives.
fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let result = work();
    (start.elapsed(), result)
}

/// A fresh tensor of burn-init.
fn of(init: impl Initializer + 'static, layout: WeightLayout) -> Task {
    let device = Device::flex();
    Box::new(move || {
        let (layout, key) = (layout.clone(), Seed::new(42).key("weight"));
        let (time, param) = timed(|| init.init::<2>(layout, key, &device));
        param.map(|_| time)
    })
}

/// A fresh square tensor of Burn, which makes it when it's read.
fn of_burn(init: Burn, side: usize) -> Task {
    let (device, fan) = (Device::flex(), Some(side));
    Box::new(move || {
        let fresh = || init.init_with::<2, _>([side, side], fan, fan, &device);
        let (time, _tensor): (_, Tensor<2>) = timed(|| fresh().val());
        Ok(time)
    })
}

fn init_weights() -> Result<Duration, InitError> {
    let model = Layers::lazy(&default_initializer());
    let (time, model) = timed(|| model.init_weights(&VarianceScaling::kaiming_uniform(), 42));
    model.map(|_| time)
}

fn read_layers() -> Result<Duration, InitError> {
    let model = Layers::lazy(&default_initializer());
    let (time, ()) = timed(|| model.read());
    Ok(time)
}
