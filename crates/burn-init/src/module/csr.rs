//! Sparse layers as compressed rows.

use burn::module::Param;
use burn::nn::Linear;
use burn::tensor::Tensor;
use sprs::CsMat;

use burn_init_values::InitError;

/// The weights of a linear layer as a CSR matrix of shape `[d_output, d_input]`: a row for each neuron.
///
/// Of a pinned layer it holds every weight that lives, zeros among them; of another, every weight that isn't 0.
///
/// # Errors
///
/// If the weights aren't floats.
///
/// ```
/// use burn::{nn::LinearConfig, tensor::Device};
/// use burn_init::{InitWeights, Sparse, module::csr_of_layer};
///
/// let layer = LinearConfig::new(100, 64).init(&Device::flex());
/// let layer = layer.init_weights(&Sparse::exact(8).pinned(), 42)?;
/// let csr = csr_of_layer(&layer)?;
/// assert_eq!((csr.shape(), csr.nnz()), ((64, 100), 8 * 64));
/// # Ok::<(), burn_init::InitError>(())
/// ```
pub fn csr_of_layer(layer: &Linear) -> Result<CsMat<f32>, InitError> {
    let weight: &Param<Tensor<2>> = &layer.weight;
    let [inputs, outputs] = weight.val().dims();
    if !weight.val().dtype().is_float() {
        let problem = "its weights aren't floats".to_owned();
        return Err(InitError::Unsupported(problem).at("weight", &[inputs, outputs]));
    }
    let values: Vec<f32> = weight.val().into_data().iter::<f32>().collect();
    let mask = weight
        .reparameterization::<super::Pinned>()
        .map(super::Pinned::mask);
    let lives = |i: usize| mask.as_ref().map_or(values[i] != 0.0, |mask| mask[i]);
    let (mut starts, mut columns, mut data) = (vec![0], Vec::new(), Vec::new());
    for j in 0..outputs {
        for i in (0..inputs).filter(|i| lives(i * outputs + j)) {
            columns.push(i);
            data.push(values[i * outputs + j]);
        }
        starts.push(columns.len());
    }
    Ok(CsMat::new((outputs, inputs), starts, columns, data))
}

/// The mask of a linear layer, in row-major order of its value `[d_input, d_output]`, that keeps the entries of a CSR or CSC matrix of shape
/// `[d_output, d_input]`: for [`Masks`](super::Masks), or for [`Pattern::Given`](crate::sparse::Pattern::Given) of a layer in
/// `LinearLayout::Row`.
///
/// ```
/// use burn_init::module::mask_of_csr;
/// use sprs::CsMat;
///
/// // One neuron, which reads the second of three inputs.
/// let csr = CsMat::new((1, 3), vec![0, 1], vec![1], vec![0.5f32]);
/// assert_eq!(mask_of_csr(&csr), [false, true, false]);
/// ```
pub fn mask_of_csr(matrix: &CsMat<f32>) -> Vec<bool> {
    let (outputs, inputs) = matrix.shape();
    let mut mask = vec![false; inputs * outputs];
    for (_, (j, i)) in matrix.iter() {
        mask[i * outputs + j] = true;
    }
    mask
}
