"""Figures from samples: medians, spreads, and ratios of what was measured in the same round."""

import math
import statistics


def summary(samples):
    """
    Median, smallest, and spread of some times.

    Returns
    -------
    dict
        ``median``, ``min``, and ``spread``: half the distance between the quartiles, over the median.
    """
    median = statistics.median(samples)
    low, high = _quartiles(samples)
    spread = (high - low) / 2 / median if median else 0.0
    return {"median": median, "min": min(samples), "spread": spread}


def ratio(theirs, ours):
    """
    How many times longer they take than we: the median of the ratios of each round, and their quartiles.

    Both ran in each round, one soon after the other; so noise that lasts longer than a round cancels. They
    may have left after some rounds.
    """
    ratios = [their / our for their, our in zip(theirs, ours, strict=False)]
    low, high = _quartiles(ratios)
    return {"median": statistics.median(ratios), "low": low, "high": high}


def geometric_mean_ratio(ours, theirs):
    """How many times as large ours are, in the geometric mean over the keys of two dicts of sizes."""
    return statistics.geometric_mean(ours[key] / theirs[key] for key in theirs)


def growth(points):
    """
    The power of the amount that a time grows with, 1 if it is linear, by least squares of the logarithms.

    Parameters
    ----------
    points : list of pairs
        Amounts and times. Those below 1/4096 of the largest amount, where what a call costs by itself counts, are
        left out.

    Returns
    -------
    float
        NaN if there are fewer than two left.
    """
    largest = max(amount for amount, _ in points)
    logs = [(math.log(amount), math.log(time)) for amount, time in points if amount * 4096 >= largest]
    if len(logs) < 2:
        return math.nan
    return statistics.linear_regression(*zip(*logs, strict=True)).slope


def _quartiles(samples):
    if len(samples) < 2:
        return samples[0], samples[0]
    low, _, high = statistics.quantiles(samples, n=4, method="inclusive")
    return low, high
