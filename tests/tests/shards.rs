//! Modules that have only shards of their weights, ids that are made from paths, and digests.

use std::collections::HashMap;

use burn::module::{Module, ParamId};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Embedding, EmbeddingConfig, Linear, LinearConfig, LinearLayout};
use burn::optim::{AdamConfig, GradientsAccumulator, GradientsParams};
use burn::store::{BurnpackStore, ModuleSnapshot, SafetensorsStore};
use burn::tensor::activation::relu;
use burn::tensor::{DType, Device, FloatDType, Tensor};
use burn_init::module::{Digests, Pinned};
use burn_init::plan::Applied;
use burn_init::sparse::Pattern;
use burn_init::weight::Shard;
use burn_init::{
    AnyInitializer, BiasUniform, Digest, InitError, InitParam, Initializer, Normal, Orthogonal,
    Plan, Seed, Select, Sparse, SparseBudget, UnitNorm, VarianceScaling, Wavelet, WeightLayout,
};
use burn_init_tests::{devices, values};

/// A tower whose layers are cut as Megatron cuts them: outputs, then inputs.
#[derive(Module, Debug)]
struct Tower {
    embed: Embedding,
    up: Linear,
    down: Linear,
    conv: Conv2d,
}

/// A part of it for each of so many processes; one has all of it.
fn tower(of: usize, layout: LinearLayout, device: &Device) -> Tower {
    Tower {
        embed: EmbeddingConfig::new(48 / of, 16).init(device),
        up: LinearConfig::new(16, 40 / of)
            .with_layout(layout)
            .init(device),
        down: LinearConfig::new(40 / of, 16).init(device),
        conv: Conv2dConfig::new([4, 8 / of], [3, 3]).init(device),
    }
}

/// By path, the axis of the saved layout that is cut.
fn cuts(layout: LinearLayout) -> Vec<(&'static str, usize)> {
    let outputs = match layout {
        LinearLayout::Row => 1,
        LinearLayout::Col => 0,
    };
    vec![
        ("embed.weight", 0),
        ("up.weight", outputs),
        ("up.bias", 0),
        ("down.weight", 0),
        ("conv.weight", 0),
        ("conv.bias", 0),
    ]
}

/// The same plan for process number `index` of `of`.
fn for_process(plan: Plan, layout: LinearLayout, index: usize, of: usize) -> Plan {
    cuts(layout).into_iter().fold(plan, |plan, (path, axis)| {
        let shard = Shard::new(axis, index, of).unwrap();
        plan.shard(Select::path(path), shard)
    })
}

fn plan(init: impl Into<AnyInitializer>) -> Plan {
    Plan::new(42)
        .prefix("model")
        .rule(Select::weights(), init)
        .rule(Select::biases(), BiasUniform::new())
}

/// Saved values and masks by path.
fn saved(model: &Tower) -> HashMap<String, (Vec<usize>, Vec<f32>)> {
    let tensors = model.collect(None, None, false).into_iter();
    tensors
        .map(|tensor| {
            let (shape, dtype) = (tensor.shape.as_slice().to_vec(), tensor.dtype);
            let bytes = tensor.to_bytes().unwrap();
            let values = match dtype {
                DType::F32 => bytes
                    .as_chunks()
                    .0
                    .iter()
                    .map(|b| f32::from_le_bytes(*b))
                    .collect(),
                _ => bytes.iter().map(|byte| f32::from(*byte)).collect(),
            };
            (tensor.name, (shape, values))
        })
        .collect()
}

/// Puts shards together along an axis.
fn join(shards: &[(Vec<usize>, Vec<f32>)], axis: usize) -> Vec<f32> {
    let outer: usize = shards[0].0[..axis].iter().product();
    let mut all = Vec::new();
    for o in 0..outer {
        for (shape, values) in shards {
            let block: usize = shape[axis..].iter().product();
            all.extend(&values[o * block..(o + 1) * block]);
        }
    }
    all
}

/// The shards of all processes, put together, are the model that one process makes: values, masks, fans and
/// digests. A budget is that of the whole model.
#[test]
fn shards_are_parts_of_one_model() {
    let inits: [AnyInitializer; 7] = [
        VarianceScaling::he_normal().into(),
        Orthogonal::new().into(),
        Wavelet::haar().into(),
        Sparse::exact(2).pinned().into(),
        Sparse::new(Pattern::Bernoulli(0.3)).pinned().into(),
        SparseBudget::erk(0.5).pinned().into(),
        UnitNorm::new().into(),
    ];
    for (name, device) in devices() {
        for init in &inits {
            for layout in [LinearLayout::Row, LinearLayout::Col] {
                let whole = plan(init.clone()).report_digests();
                let whole = whole.apply(tower(1, layout, &device)).unwrap();
                let all = saved(&whole.model);
                for of in [2, 4] {
                    let part = |index: usize| {
                        let plan = for_process(plan(init.clone()), layout, index, of);
                        let Applied { model, report } =
                            plan.apply(tower(of, layout, &device)).unwrap();
                        for (own, entry) in report.entries.iter().zip(&whole.report.entries) {
                            assert_eq!(own.fan_in, entry.fan_in, "{name} {init} {}", own.path);
                            assert_eq!(own.expected, entry.expected, "{init} {}", own.path);
                        }
                        let digests = plan.digests(&model).unwrap();
                        assert_eq!(digests.total(), digests.of_shards() + digests.of_replicas());
                        (saved(&model), digests)
                    };
                    let parts: Vec<_> = (0..of).map(part).collect();
                    for (path, axis) in cuts(layout) {
                        let shards: Vec<_> = parts.iter().map(|(s, _)| s[path].clone()).collect();
                        assert_eq!(join(&shards, axis), all[path].1, "{name} {init} {path}");
                        let mask = format!("{path}.pinned.mask");
                        assert_eq!(parts[0].0.contains_key(&mask), all.contains_key(&mask));
                        if let Some((_, whole)) = all.get(&mask) {
                            let shards: Vec<_> =
                                parts.iter().map(|(s, _)| s[&mask].clone()).collect();
                            assert_eq!(join(&shards, axis), *whole, "{init} {mask}");
                        }
                        let sum: Digest = parts.iter().map(|(_, d)| d.get(path).unwrap()).sum();
                        let entry = whole.report.entry(path).unwrap();
                        assert_eq!(Some(sum), entry.digest, "{init} {path}");
                    }
                    for (own, _) in &parts {
                        assert_eq!(own["down.bias"], all["down.bias"]);
                    }
                    let replicas = parts.iter().map(|(_, d)| d.of_replicas());
                    let replicas: Vec<_> = replicas.collect();
                    assert!(replicas.iter().all(|digest| *digest == replicas[0]));
                }
            }
        }
    }
}

/// Shards of sizes that differ, and one parameter by itself.
#[test]
fn uneven_shards() -> Result<(), InitError> {
    let device = Device::flex();
    let layout = WeightLayout::linear([16, 10]);
    let init = Wavelet::haar();
    let whole = init.draw(&layout, Seed::new(42).key("weight"))?;
    for (index, outputs) in [(0, 4), (1, 4), (2, 2)] {
        let shard = Shard::new(1, index, 3)?.size(10);
        let layer = LinearConfig::new(16, outputs).with_bias(false);
        let plan = Plan::new(42)
            .shard(Select::weights(), shard)
            .rule(Select::weights(), init.clone());
        let model = plan.apply(layer.init(&device))?.model;
        let expected: Vec<f32> = whole
            .chunks(10)
            .flat_map(|row| &row[4 * index..][..outputs])
            .copied()
            .collect();
        assert_eq!(values(model.weight.val()), expected);
        let region = shard.region(layout.shape())?;
        let key = Seed::new(42).key("weight");
        let param = init.init_region::<2>(layout.clone(), key, &region, &device)?;
        assert_eq!(values(param.val()), expected);
        assert!(
            init.init_region::<2>([10, 16], key, &region, &device)
                .is_err()
        );
        assert!(
            init.init_region::<3>(layout.clone(), key, &region, &device)
                .is_err()
        );
    }
    Ok(())
}

/// What can't be a shard, and what is none, are errors.
#[test]
fn refused_shards() -> Result<(), InitError> {
    let layer = || LinearConfig::new(16, 10).init(&Device::flex());
    let plan = || plan(Normal::fan_in());
    for (plan, parts) in [
        (
            plan().shard(Select::path("weight"), Shard::new(2, 0, 2)?),
            ["weight", "no axis 2"],
        ),
        (
            plan().shard(Select::path("weight"), Shard::new(1, 2, 3)?.size(11)),
            ["weight", "has 3 places, not 10"],
        ),
        (
            plan().shard(Select::path("wait"), Shard::new(0, 0, 2)?),
            ["path `wait`", "no parameter is selected"],
        ),
        (
            plan()
                .shard(Select::weights(), Shard::new(0, 0, 2)?)
                .shard(Select::path("weight"), Shard::new(1, 0, 2)?),
            ["along axis 1", "by that alone"],
        ),
        (
            // The whole bias isn't beside the whole weight.
            plan().shard(Select::path("weight"), Shard::new(1, 0, 2)?),
            ["bias", "weight"],
        ),
    ] {
        let message = plan.apply(layer()).unwrap_err().to_string();
        for part in parts {
            assert!(message.contains(part), "`{part}` isn't in `{message}`");
        }
    }
    Ok(())
}

/// A plan with shards, ids and digests is the same in a file.
#[test]
fn in_files() -> Result<(), Box<dyn std::error::Error>> {
    let plan = for_process(plan(Normal::fan_in()), LinearLayout::Row, 1, 2)
        .ids_from_paths()
        .report_digests();
    assert_eq!(
        serde_json::from_str::<Plan>(&serde_json::to_string(&plan)?)?,
        plan
    );
    assert_eq!(toml::from_str::<Plan>(&toml::to_string(&plan)?)?, plan);
    let bytes = postcard::to_stdvec(&plan)?;
    assert_eq!(postcard::from_bytes::<Plan>(&bytes)?, plan);
    Ok(())
}

fn ids(model: &Tower) -> Vec<ParamId> {
    burn::module::list_param_ids(model)
}

/// Two models that are built separately have the same ids, and the same files.
#[test]
fn equal_models_give_equal_files() -> Result<(), Box<dyn std::error::Error>> {
    let device = Device::flex();
    let build = |by_path: bool| {
        let plan = plan(Sparse::exact(2).pinned());
        let plan = if by_path { plan.ids_from_paths() } else { plan };
        let model = plan.apply(tower(1, LinearLayout::Col, &device))?.model;
        Ok::<_, InitError>(model)
    };
    let files = |model: &Tower| {
        let folder = tempfile::tempdir()?;
        let path = |name: &str| folder.path().join(name);
        // Burn's own three entries stand in an order of chance.
        let mut store = SafetensorsStore::from_file(path("model.safetensors")).clear_metadata();
        model.save_into(&mut store)?;
        let mut store = BurnpackStore::from_file(path("model.bpk"));
        model.save_into(&mut store)?;
        let read = |name| std::fs::read(path(name));
        Ok::<_, Box<dyn std::error::Error>>((read("model.safetensors")?, read("model.bpk")?))
    };
    let (first, second) = (build(true)?, build(true)?);
    assert_eq!(ids(&first), ids(&second));
    let (first_files, second_files) = (files(&first)?, files(&second)?);
    assert!(first_files.0 == second_files.0, "safetensors");
    assert!(first_files.1 == second_files.1, "burnpack");
    // All are different, masks' too, and each is that of its path.
    let mut unique = ids(&first);
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), ids(&first).len());
    let path_hash = Seed::new(7).key("model.up.weight").path_hash();
    assert_eq!(first.up.weight.id, ParamId::from(path_hash));
    // Masks and values are as without it.
    let usual = build(false)?;
    assert_ne!(ids(&usual), ids(&first));
    assert_eq!(saved(&usual), saved(&first));
    assert!(first.up.weight.reparameterization::<Pinned>().is_some());
    Ok(())
}

/// Parameters that share an id still do, and lazy ones that are kept stay lazy.
#[test]
fn ties_and_lazy_parameters() -> Result<(), InitError> {
    let device = Device::flex();
    let layer = LinearConfig::new(4, 4).init(&device);
    let layers = vec![layer.clone(), layer, LinearConfig::new(4, 2).init(&device)];
    let plan = Plan::new(1)
        .rule(Select::weights(), Normal::fan_in())
        .keep(Select::biases())
        .ids_from_paths();
    let model = plan.apply(layers)?.model;
    assert_eq!(model[0].weight.id, model[1].weight.id);
    assert_ne!(model[0].weight.id, model[2].weight.id);
    assert!(!model[2].bias.as_ref().unwrap().is_initialized());
    Ok(())
}

/// Digests don't depend on the device, nor on the layout in memory; on a single value they do. Rounded values
/// are other numbers; the same numbers in a wider type aren't.
#[test]
fn digests_compare_models() -> Result<(), InitError> {
    let mut all = Vec::new();
    for (name, device) in devices() {
        let plan = plan(Normal::fan_in()).report_digests();
        let Applied { model, report } = plan.apply(tower(1, LinearLayout::Row, &device))?;
        let total = report.digest.unwrap();
        assert_eq!(plan.digests(&model)?.total(), total, "{name}");
        // The prefix counts.
        assert_ne!(Digests::of(&model)?.total(), total);
        assert!(report.to_string().contains(&format!("digest {total}")));
        assert!(report.to_markdown().contains("| digest |"));
        let sum: Digest = report.entries.iter().map(|e| e.digest.unwrap()).sum();
        assert_eq!(sum, total);
        all.push(total);

        let mut other = model.clone();
        other.down.weight = other.down.weight.map(|w| {
            let change = Tensor::from_floats([[1e-6]], &w.device());
            w.slice_assign([3..4, 5..6], change)
        });
        let digests = (plan.digests(&model)?, plan.digests(&other)?);
        assert_ne!(digests.0.get("down.weight"), digests.1.get("down.weight"));
        assert_eq!(digests.0.get("up.weight"), digests.1.get("up.weight"));
        assert_ne!(digests.0.total(), digests.1.total());
    }
    assert!(all.iter().all(|digest| *digest == all[0]));

    let linear = |dtype: FloatDType| {
        let layer = LinearConfig::new(8, 8)
            .with_bias(false)
            .init(&Device::flex());
        let init = Normal::fan_in().draw(&[8, 8].into(), Seed::new(1).key("weight"));
        let mut layer: Linear = layer;
        let numbers = init.map(|w| w.into_iter().map(|w| (w * 64.0).round() / 64.0));
        let numbers: Vec<f32> = numbers.unwrap().collect();
        layer.weight = layer.weight.map(|w| {
            let tensor = Tensor::<1>::from_floats(numbers.as_slice(), &w.device());
            tensor.reshape([8, 8]).cast(dtype)
        });
        Digests::of(&layer).unwrap().total()
    };
    for dtype in [FloatDType::F64, FloatDType::F16, FloatDType::BF16] {
        assert_eq!(linear(dtype), linear(FloatDType::F32), "{dtype:?}");
    }
    Ok(())
}

/// Replicas that threads build by themselves, as processes would, agree on values and ids: what each makes of
/// its part of a batch adds up to one step, after which they are still alike, though nothing was broadcast.
///
/// It stands for `ExecutionStrategy::ddp`, which Burn 0.22.1's flex can't run: its `all_reduce` is unimplemented.
#[test]
fn replicas_train_without_a_broadcast() {
    const REPLICAS: usize = 4;
    let replica = || {
        let layers = [(8, 16), (16, 4)];
        let device = Device::flex().autodiff();
        let layers =
            layers.map(|(inputs, outputs)| LinearConfig::new(inputs, outputs).init(&device));
        plan(VarianceScaling::he_normal())
            .ids_from_paths()
            .apply(Vec::from(layers))
            .unwrap()
            .model
    };
    let loss = |layers: &Vec<Linear>, index: usize| {
        let points = Normal::new(0.0, 1.0).draw(&[8, 8].into(), Seed::new(index as u64).key("x"));
        let points =
            Tensor::<1>::from_floats(points.unwrap().as_slice(), &Device::flex().autodiff());
        let hidden = relu(layers[0].forward(points.reshape([8, 8])));
        (layers[1].forward(hidden) - 1.0).square().mean()
    };
    let (mut replicas, grads): (Vec<_>, Vec<_>) = std::thread::scope(|scope| {
        let work = |index: usize| {
            scope.spawn(move || {
                let layers = replica();
                let grads = loss(&layers, index).backward();
                let grads = GradientsParams::from_grads(grads, &layers);
                (layers, grads)
            })
        };
        let threads: Vec<_> = (0..REPLICAS).map(work).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .unzip()
    });
    let digests = |replicas: &[Vec<Linear>]| -> Vec<Digest> {
        let digest = |replica| Digests::of(replica).unwrap().total();
        replicas.iter().map(digest).collect()
    };
    let before = digests(&replicas);
    assert!(before.iter().all(|digest| *digest == before[0]));
    let mut accumulator = GradientsAccumulator::new();
    for grads in grads {
        // By the ids of any of them.
        accumulator.accumulate(&replicas[0], grads);
    }
    let sum = accumulator.grads();
    assert_eq!(sum.len(), 4);
    let copy = |layers: &Vec<Linear>| {
        let mut copy = GradientsParams::new();
        for layer in layers {
            let bias = layer.bias.as_ref().unwrap();
            copy.register(layer.weight.id, sum.get::<2>(layer.weight.id).unwrap());
            copy.register(bias.id, sum.get::<1>(bias.id).unwrap());
        }
        copy
    };
    for layers in &mut replicas {
        let grads = copy(layers);
        *layers = AdamConfig::new().init().step(0.01, layers.clone(), grads);
    }
    let after = digests(&replicas);
    assert!(after.iter().all(|digest| *digest == after[0]));
    assert_ne!(after[0], before[0]);
}
