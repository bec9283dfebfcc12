"""How likely an investment loses money, when its payments are guesses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from opsbook.errors import DataError
from opsbook.methods.solutions.names import unique_names
from opsbook.methods.solutions.net_present_value import checked_flows, discount
from opsbook.methods.solutions.triangular import triangular


@dataclass(frozen=True, kw_only=True)
class CashStream:
    """Payments of one kind over time, with their guesses.

    Attributes:
        name: What is paid: licence, hours saved.
        low: Lowest possible payment per period, money out being negative.
        mode: Most likely payment per period.
        high: Highest possible payment per period.
    """

    name: str
    low: tuple[float, ...]
    mode: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Swing:
    """What one stream alone does to the net present value.

    Attributes:
        name: The stream.
        at_low: Net present value with this stream at its low, the others most likely.
        at_high: The same with this stream at its high.
    """

    name: str
    at_low: float
    at_high: float


@dataclass(frozen=True, kw_only=True)
class ProbabilityOfLoss:
    """The spread of the net present value.

    Attributes:
        probability: Share of the draws with a net present value under zero.
        mean: Mean net present value.
        p5: Its 5 % quantile.
        p50: Its median.
        p95: Its 95 % quantile.
        most_likely: Net present value with every payment most likely.
        swings: What each stream alone does to it, the widest first.
        draws: Number of draws.
        seed: The seed.
    """

    probability: float
    mean: float
    p5: float
    p50: float
    p95: float
    most_likely: float
    swings: tuple[Swing, ...]
    draws: int
    seed: int


def probability_of_loss(
    streams: Sequence[CashStream], *, rate: float, draws: int = 10_000, seed: int
) -> ProbabilityOfLoss:
    """Tell how likely the net present value is under zero.

    Within a stream all periods share one draw: who guesses the first year too high, guesses the
    second too high. Streams are drawn independently; that is the assumption that most often
    fails, as when a late launch both costs more and saves less.

    Args:
        streams: Payments by kind, all over the same periods, today first.
        rate: Discount rate per period.
        draws: Number of draws.
        seed: The seed; the same one gives the same result.

    Returns:
        Probability of loss, quantiles, and what each stream alone does.

    Raises:
        DataError: If a stream is named twice, is blank, has another length than the first, is
            not ``low <= mode <= high`` in some period, the rate is -1 or less, or there are no
            draws.

    References:
        Hertz (1964), Harvard Business Review 42, 95-106.

    Examples:
        >>> cost = CashStream(name="cost", low=(-120, 0), mode=(-100, 0), high=(-90, 0))
        >>> gain = CashStream(name="gain", low=(0, 80), mode=(0, 120), high=(0, 200))
        >>> probability_of_loss([cost, gain], rate=0.05, seed=1).swings[0].name
        'gain'
    """
    unique_names("stream of payments", [stream.name for stream in streams])
    if draws < 1:
        raise DataError(f"{draws} draws were asked for.", "Ask for at least one.")
    worth = discount(len(streams[0].mode), rate)
    parts = [
        np.stack([checked_flows(part) for part in (stream.low, stream.mode, stream.high)])
        for stream in _checked(streams)
    ]
    rng = np.random.default_rng(seed)
    values = np.zeros(draws)
    for low, mode, high in parts:
        values += triangular(rng.random((draws, 1)), low, mode, high) @ worth
    most_likely = float(sum(part[1] @ worth for part in parts))
    swings = [
        Swing(
            name=stream.name,
            at_low=most_likely + float((part[0] - part[1]) @ worth),
            at_high=most_likely + float((part[2] - part[1]) @ worth),
        )
        for stream, part in zip(streams, parts, strict=True)
    ]
    p5, p50, p95 = (float(value) for value in np.quantile(values, [0.05, 0.5, 0.95]))
    return ProbabilityOfLoss(
        probability=float((values < 0).mean()),
        mean=float(values.mean()),
        p5=p5,
        p50=p50,
        p95=p95,
        most_likely=most_likely,
        swings=tuple(sorted(swings, key=lambda swing: swing.at_low - swing.at_high)),
        draws=draws,
        seed=seed,
    )


def _checked(streams: Sequence[CashStream]) -> Sequence[CashStream]:
    periods = len(streams[0].mode)
    for stream in streams:
        lengths = {len(stream.low), len(stream.mode), len(stream.high)}
        if lengths != {periods}:
            raise DataError(
                f"'{stream.name}' has {sorted(lengths)} payments; "
                f"'{streams[0].name}' has {periods}.",
                "Give low, mode and high for the same periods; write 0 where nothing is paid.",
            )
        rows = zip(stream.low, stream.mode, stream.high, strict=True)
        for period, (low, mode, high) in enumerate(rows):
            if low > mode or mode > high:
                raise DataError(
                    f"'{stream.name}' in period {period} is ({low:g}, {mode:g}, {high:g}).",
                    "Let it rise from low to high; money out is negative, so the dearest is low.",
                )
    return streams
