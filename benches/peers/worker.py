"""Measures one library for the program `peers`, which starts this with the library's name.

First it writes a line: the versions of the packages and the ids of the jobs. Then, for each line with a
job's id, it answers with a line: the seconds that the job took, or the error. Between lines it sleeps.
"""

import json
import os
import sys
import time
import warnings
from importlib.metadata import version

SIDE = 4096
LAYERS = 1000
LAYER_SIDE = 64
BOUND = 0.05
STD = 0.02
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()

# Each function below returns the jobs of a library. A job prepares what isn't measured, such as its
# input, and returns the function that is. Libraries are imported where they are used, so that each
# process has the threads of one.


def torch_jobs():
    import torch
    from torch.nn import init

    torch.set_num_threads(CORES)

    def tensor(fill, side=SIDE):
        return lambda: lambda: fill(torch.empty(side, side))

    def layers():
        model = torch.nn.ModuleList(torch.nn.Linear(LAYER_SIDE, LAYER_SIDE) for _ in range(LAYERS))

        def work():
            for layer in model:
                init.kaiming_uniform_(layer.weight, nonlinearity="relu")
                init.zeros_(layer.bias)

        return work

    return {
        "uniform": tensor(lambda w: init.uniform_(w, -BOUND, BOUND)),
        "normal": tensor(lambda w: init.normal_(w, 0.0, STD)),
        "he_normal": tensor(lambda w: init.kaiming_normal_(w, nonlinearity="relu")),
        "truncated_normal": tensor(lambda w: init.trunc_normal_(w, 0.0, STD, -2 * STD, 2 * STD)),
        "sparse_outgoing": tensor(lambda w: init.sparse_(w, 0.9, std=0.01)),
        "orthogonal_512": tensor(init.orthogonal_, 512),
        "orthogonal_1024": tensor(init.orthogonal_, 1024),
        "orthogonal_4096": tensor(init.orthogonal_, 4096),
        "layers": layers,
    }


def jax_jobs():
    os.environ["JAX_PLATFORMS"] = "cpu"
    import jax
    import jax.numpy as jnp
    from jax.nn import initializers

    def array(initializer, side=SIDE):
        draw = jax.jit(initializer, static_argnums=(1, 2))

        def prepare():
            key = jax.random.key(time.perf_counter_ns()).block_until_ready()
            return lambda: draw(key, (side, side), jnp.float32).block_until_ready()

        return prepare

    return {
        "uniform": array(initializers.uniform(BOUND)),
        "normal": array(initializers.normal(STD)),
        "he_normal": array(initializers.variance_scaling(2.0, "fan_in", "normal")),
        "truncated_normal": array(initializers.truncated_normal(STD)),
        "orthogonal_512": array(initializers.orthogonal(), 512),
        "orthogonal_1024": array(initializers.orthogonal(), 1024),
        "orthogonal_4096": array(initializers.orthogonal(), 4096),
    }


def numpy_jobs():
    import numpy as np

    rng = np.random.Generator(np.random.SFC64(42))
    return {
        "uniform": lambda: lambda: rng.random((SIDE, SIDE), dtype=np.float32),
        "normal": lambda: lambda: rng.standard_normal((SIDE, SIDE), dtype=np.float32),
    }


def wavelet_jobs(prepare_array):
    """Forward and back over all levels."""
    import pywt

    levels = SIDE.bit_length() - 1
    # PyWavelets warns where a filter is longer than what is left of the signal.
    warnings.simplefilter("ignore", UserWarning)

    def both_ways(family, axis):
        def prepare():
            array = prepare_array()

            def work():
                bands = pywt.wavedec(array(), family, mode="periodization", level=levels, axis=axis)
                return pywt.waverec(bands, family, mode="periodization", axis=axis)

            return work

        return prepare

    return {
        f"{name}_axis{axis}": both_ways(name, axis) for name in ("haar", "db4") for axis in (0, 1)
    }


def pywavelets_jobs():
    import numpy as np

    given = np.random.Generator(np.random.SFC64(42)).standard_normal((SIDE, SIDE), dtype=np.float32)
    return wavelet_jobs(lambda: lambda: given)


def numpy_pywavelets_jobs():
    jobs = numpy_jobs()
    return wavelet_jobs(jobs["normal"])


# The jobs of each, and the packages whose versions count.
LIBRARIES = {
    "torch": (torch_jobs, ["torch"]),
    "jax": (jax_jobs, ["jax"]),
    "numpy": (numpy_jobs, ["numpy"]),
    "pywavelets": (pywavelets_jobs, ["PyWavelets"]),
    "numpy+pywavelets": (numpy_pywavelets_jobs, ["numpy", "PyWavelets"]),
}


def main():
    # What a library prints must not come between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def answer(**fields):
        print(json.dumps(fields), file=answers, flush=True)

    prepare, packages = LIBRARIES[sys.argv[1]]
    try:
        jobs = prepare()
    except ImportError as error:
        answer(error=str(error))
        return
    answer(versions={name: version(name) for name in packages}, jobs=list(jobs))
    for line in sys.stdin:
        try:
            work = jobs[json.loads(line)]()
            start = time.perf_counter()
            result = work()
            seconds = time.perf_counter() - start
            del result
            answer(seconds=seconds)
        except Exception as error:
            answer(error=repr(error))


if __name__ == "__main__":
    main()
