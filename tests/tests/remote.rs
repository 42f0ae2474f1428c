//! Weights that a server of Burn's remote backend makes: the bits of this machine, for a few bytes on the wire.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use burn::backend::Flex;
use burn::nn::{Linear, LinearConfig, LinearLayout};
use burn::remote::RemoteHost;
use burn::server::{RemoteServer, WebSocketTransport};
use burn::tensor::{DType, Device, Tensor};
use burn_init::plan::MakeOn;
use burn_init::weight::Shard;
use burn_init::{
    AnyInitializer, Constant, Normal, Plan, Select, Sparse, TruncatedNormal, Uniform,
    VarianceScaling, Wavelet, remote,
};
use burn_init_tests::bits;
use burn_init_tests::models::{Mlp, Own};

/// Serves on this machine, until the tests have ended.
fn serve(server: RemoteServer) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || server.serve(WebSocketTransport::from_listener(listener)));
    address
}

/// A server that knows how to make weights, on flex, and counts those that it makes.
fn flex() -> (SocketAddr, Arc<AtomicUsize>) {
    let made = Arc::new(AtomicUsize::new(0));
    let counter = made.clone();
    let server = RemoteServer::new([Device::flex()]);
    let server = server.with_custom_op::<Flex, _>(remote::OPERATION, move |handles, op, device| {
        counter.fetch_add(1, Ordering::SeqCst);
        remote::make::<Flex>(handles, op, device);
    });
    (serve(server), made)
}

fn connect(address: SocketAddr) -> Device {
    let host = RemoteHost::websocket(&format!("ws://{address}"));
    Device::remote_options(&host).init().unwrap()
}

/// Stands between clients and a server, and counts the bytes that go to the server.
fn counting(server: SocketAddr) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, sent) = (
        listener.local_addr().unwrap(),
        Arc::new(AtomicUsize::new(0)),
    );
    let counter = sent.clone();
    thread::spawn(move || {
        for client in listener.incoming() {
            let (client, server) = (client.unwrap(), TcpStream::connect(server).unwrap());
            let back = (server.try_clone().unwrap(), client.try_clone().unwrap());
            let counter = counter.clone();
            thread::spawn(move || pass_on(client, server, &counter));
            thread::spawn(move || pass_on(back.0, back.1, &AtomicUsize::new(0)));
        }
    });
    (address, sent)
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, counter: &AtomicUsize) {
    let mut buffer = [0; 1 << 16];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        counter.fetch_add(count, Ordering::SeqCst);
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
}

fn plan(make_on: MakeOn) -> Plan {
    Plan::new(7)
        .make_on(make_on)
        .rule(Select::path("fc1.weight"), VarianceScaling::he_normal())
        .rule(Select::weights(), Normal::new(0.1, 0.02))
        .rule(Select::biases(), Constant::new(0.01))
}

/// The bits of flex on this machine; and the gradients are there.
#[test]
fn the_same_bits() {
    let device = connect(flex().0);
    for layout in [LinearLayout::Row, LinearLayout::Col] {
        let here = Mlp::with_layout(layout, &Device::flex());
        let here = plan(MakeOn::Fastest).apply(here).unwrap().model;
        for device in [device.clone(), device.clone().autodiff()] {
            let model = Mlp::with_layout(layout, &device);
            let model = plan(MakeOn::Device).apply(model).unwrap().model;
            for (made, drawn) in [(&model.fc1, &here.fc1), (&model.fc2, &here.fc2)] {
                assert_eq!(bits(&made.weight), bits(&drawn.weight));
                let bias = |layer: &Linear| bits(layer.bias.as_ref().unwrap());
                assert_eq!(bias(made), bias(drawn));
            }
            assert_eq!(model.fc1.weight.val().device(), device);
            if device.is_autodiff() {
                let gradients = model
                    .forward(Tensor::ones([4, 100], &device))
                    .sum()
                    .backward();
                let of_first = model.fc1.weight.val().grad(&gradients).unwrap();
                assert!(of_first.abs().sum().into_scalar::<f32>() > 0.0);
            }
        }
    }
}

/// In all float types, whole and in shards; what a server can't make by itself is sent, and all where nobody asks it.
#[test]
fn any_weight() {
    let (server, count) = flex();
    let device = connect(server);
    let shard = Shard::new(1, 1, 3).unwrap();
    for init in [
        AnyInitializer::from(Normal::new(0.3, 0.02)),
        Uniform::new(0.1, 0.3).into(),
        TruncatedNormal::new(0.0, 0.02).into(),
        Constant::random().into(),
        Wavelet::haar().into(),
        Sparse::exact(2).pinned().into(),
    ] {
        let by_server = !matches!(init.name(), "wavelet" | "sparse");
        for dtype in [DType::F64, DType::F32, DType::F16, DType::BF16] {
            for (shape, shard) in [([6, 31], None), ([6, 31], Some(shard)), ([3, 0], None)] {
                let made = |device: &Device, make_on| {
                    let weight = Own::made_weight(&init, shape, shard, device, dtype, make_on);
                    let weight = weight.map_err(|error| error.to_string())?.val();
                    assert_eq!(weight.dtype(), dtype);
                    Ok::<_, String>(weight.into_data().as_bytes().to_vec())
                };
                let here = made(&Device::flex(), MakeOn::Cpu);
                for (make_on, asked) in [(MakeOn::Device, by_server), (MakeOn::Fastest, false)] {
                    let before = count.load(Ordering::SeqCst);
                    let there = made(&device, make_on);
                    assert!(there == here, "{init} {dtype:?} {shape:?} {shard:?}");
                    let asked = asked && here.is_ok();
                    let calls = count.load(Ordering::SeqCst) - before;
                    assert_eq!(
                        calls,
                        usize::from(asked),
                        "{init} {dtype:?} {shape:?} {shard:?}"
                    );
                }
            }
        }
    }
}

/// A kilobyte at most for each parameter, though each has a megabyte; made here, all of it is sent.
#[test]
fn bytes_on_the_wire() {
    const LAYERS: usize = 8;
    let (address, sent) = counting(flex().0);
    let device = connect(address);
    let bytes_of = |make_on| {
        let layers = |_| -> Linear { LinearConfig::new(512, 512).with_bias(false).init(&device) };
        let layers: Vec<Linear> = (0..LAYERS).map(layers).collect();
        device.sync().unwrap();
        let before = sent.load(Ordering::SeqCst);
        let rule = (Select::weights(), TruncatedNormal::new(0.0, 0.02));
        let plan = Plan::new(1).make_on(make_on).rule(rule.0, rule.1);
        let model = plan.apply(layers).unwrap().model;
        device.sync().unwrap();
        let bytes = sent.load(Ordering::SeqCst) - before;
        drop(model);
        bytes
    };
    let (told, all) = (bytes_of(MakeOn::Device), bytes_of(MakeOn::Cpu));
    println!(
        "{} bytes for a parameter, else {}",
        told / LAYERS,
        all / LAYERS
    );
    assert!(told < LAYERS * 1000, "{told} bytes");
    assert!(all > LAYERS << 20, "{all} bytes");
}

/// A server's GPU makes the same bits.
#[cfg(feature = "wgpu")]
#[test]
fn on_the_gpu_of_a_server() {
    use burn::backend::Cube;

    let mut devices = burn_init_tests::devices().into_iter();
    let Some((_, gpu)) = devices.find(|(name, _)| *name == "wgpu") else {
        return;
    };
    let server = RemoteServer::new([gpu]);
    let server = server.with_custom_op::<Cube, _>(remote::OPERATION, remote::make::<Cube>);
    let device = connect(serve(server));
    let made = |device: &Device| {
        let model = Mlp::new(device);
        let model = plan(MakeOn::Device).apply(model).unwrap().model;
        [bits(&model.fc1.weight), bits(&model.fc2.weight)]
    };
    assert!(made(&device) == made(&Device::flex()));
}
