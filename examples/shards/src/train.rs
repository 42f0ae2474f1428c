//! The training loop, for one process or for two.

use burn::nn::loss::CrossEntropyLossConfig;
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor, TensorData};
use burn_init::Digest;

use crate::network::{build, plan};
use crate::task::batch;
use crate::{Error, Part, Peer};

/// What a training comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The cross entropy of the last batch.
    pub loss: f32,
    /// The digest of the first weights of the whole network.
    pub before: Digest,
    /// The digest of its last ones.
    pub after: Digest,
}

/// Trains the whole network, or a half of it together with the other process.
///
/// # Errors
///
/// If the network can't be initialized, or the other process is lost.
pub fn train(part: Part, peer: Option<&mut Peer>, steps: usize) -> Result<Outcome, Error> {
    let mut peer = peer;
    let device = Device::flex().autodiff();
    let plan = plan(part)?;
    let mut network = build(part, &device)?;
    // What both have is counted once; of the shards, the other process knows its own.
    let digest = |network: &_, peer: &mut Option<&mut Peer>| {
        let own = plan.digests(network)?;
        let others = match peer {
            Some(peer) => sum_of_both(peer, own.of_shards())?,
            None => own.of_shards(),
        };
        Ok::<_, Error>(own.of_replicas() + others)
    };
    let before = digest(&network, &mut peer)?;
    let loss_function = CrossEntropyLossConfig::new().init(&device);
    let mut adam = AdamConfig::new().init();
    let mut loss = f32::NAN;
    for step in 0..steps {
        let (points, classes) = batch(step, &device);
        let own = relu(network.fc1.forward(points));
        let hidden = match &mut peer {
            Some(peer) => beside_others(own, part, peer)?,
            None => own,
        };
        let cross_entropy = loss_function.forward(network.fc2.forward(hidden), classes);
        loss = cross_entropy.clone().into_scalar::<f32>();
        let grads = GradientsParams::from_grads(cross_entropy.backward(), &network);
        network = adam.step(0.01, network, grads);
    }
    let after = digest(&network, &mut peer)?;
    Ok(Outcome {
        loss,
        before,
        after,
    })
}

/// All hidden neurons, of which the other process makes the other half: constants here, whose gradient is its
/// own affair.
fn beside_others(own: Tensor<2>, part: Part, peer: &mut Peer) -> Result<Tensor<2>, Error> {
    let (shape, device) = (own.dims(), own.device());
    let data = own.clone().inner().into_data();
    let values: Vec<f32> = data
        .try_to_vec()
        .map_err(|error| Error::Tensor(format!("{error:?}")))?;
    let bytes: Vec<u8> = values.into_iter().flat_map(f32::to_le_bytes).collect();
    let others = peer.exchange(&bytes)?;
    let others = others.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b));
    let others = TensorData::new(others.collect(), shape);
    let others = Tensor::from_data(others, &device);
    Ok(match part {
        Part::Half(1) => Tensor::cat(vec![others, own], 1),
        _ => Tensor::cat(vec![own, others], 1),
    })
}

/// The digest of both processes' shards: one number that is exchanged.
fn sum_of_both(peer: &mut Peer, own: Digest) -> Result<Digest, Error> {
    let others = peer.exchange(&own.to_bits().to_le_bytes())?;
    let others = others.as_chunks().0.iter();
    let others = others.map(|bytes| Digest::from_bits(u64::from_le_bytes(*bytes)));
    Ok(own + others.sum())
}
