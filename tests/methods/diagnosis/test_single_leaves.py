from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from opsbook.methods.diagnosis.single_leaves import single_leaves
from opsbook.methods.diagnosis.slice_cube import Floats
from opsbook.methods.diagnosis.slice_noise import SliceNoise, leaf_sizes

NORMAL = SliceNoise(
    log_scale=np.full(3, np.log(0.1)), log_vanished=np.full(3, -20.0), shape=2.0, outliers=0.0
)
COST = np.log(1000.0)


def named(change: Floats, *, claimed: int, noise: SliceNoise = NORMAL) -> set[int]:
    sizes = leaf_sizes(np.ones(len(change)))
    flat = SliceNoise(
        log_scale=np.resize(noise.log_scale, len(sizes.nodes)),
        log_vanished=np.resize(noise.log_vanished, len(sizes.nodes)),
        shape=noise.shape,
        outliers=noise.outliers,
    )
    return set(single_leaves(change, sizes, (flat,), cost=COST, claimed=claimed, alpha=0.05))


# The upper tail of the normal law, from tables: 2.27501e-2 at 2, 2.86652e-7 at 5.
@pytest.mark.parametrize(("deviations", "chance"), [(2.0, 2.27501e-2), (5.0, 2.86652e-7)])
def test_the_tail_of_normal_noise_is_that_of_the_tables(deviations, chance):
    core = stats.norm.ppf((1 + 0.6827) / 2)  # the core holds 68.27 % of the noise
    change = np.array([-0.1 / core * deviations])
    told = NORMAL.log_tail(change, leaf_sizes(np.ones(1)))
    assert np.exp(told[0]) == pytest.approx(chance, rel=1e-5)


def test_names_the_leaf_far_out_beside_proven_slices_only():
    change = np.array([-0.55, -0.2, 0.3, -0.1])
    assert named(change, claimed=2) == {0}
    assert named(change, claimed=0) == set()


def test_names_no_leaf_that_does_not_stand_apart_from_the_next():
    assert named(np.array([-0.41, -0.1]), claimed=2) == {0}
    assert named(np.array([-0.41, -0.385, -0.1]), claimed=2) == set()


def test_names_no_leaf_where_noise_makes_outliers_itself():
    change = np.array([-0.55, -0.2, 0.3, -0.1])
    wild = SliceNoise(
        log_scale=NORMAL.log_scale, log_vanished=NORMAL.log_vanished, shape=2.0, outliers=0.001
    )
    assert named(change, claimed=2, noise=wild) == set()


@pytest.mark.parametrize("law", ["normal", "laplace"])
def test_names_hardly_any_leaf_of_noise_beside_proven_slices(law):
    rng = np.random.default_rng(1)
    noise = NORMAL
    if law == "laplace":
        noise = SliceNoise(
            log_scale=NORMAL.log_scale, log_vanished=NORMAL.log_vanished, shape=1.0, outliers=0.0
        )
    core = {"normal": stats.norm.ppf((1 + 0.6827) / 2), "laplace": -np.log(1 - 0.6827)}[law]
    draw = {"normal": rng.normal, "laplace": rng.laplace}[law]
    found = [
        len(named(np.clip(draw(0.0, 0.1 / core, 1000), -0.99, 0.99), claimed=3, noise=noise))
        for _ in range(200)
    ]
    assert np.mean([n / (3 + n) for n in found]) < 0.02  # false ones among all that are claimed
