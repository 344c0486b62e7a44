"""Structural similarity of two pictures. Pure: no I/O, no clock.

Source: Wang, Bovik, Sheikh and Simoncelli, Image quality assessment: from error visibility to
structural similarity, IEEE Transactions on Image Processing 13(4), 2004. Window and constants are
theirs; without their optional reduction of large pictures.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

PEAK = 255.0
WINDOW_PX = 11
SIGMA_PX = 1.5
C1, C2 = (0.01 * PEAK) ** 2, (0.03 * PEAK) ** 2
_EDGE_PX = WINDOW_PX // 2


def ssim(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Return the mean SSIM of two planes of one shape, of values up to 255; 1 if they are equal.

    Both are at least as large as the window.
    """
    a, b = first.astype(np.float32), second.astype(np.float32)
    mean_a, mean_b = _blur(a), _blur(b)
    squares_a, squares_b, product = mean_a**2, mean_b**2, mean_a * mean_b
    variances = _blur(a * a) - squares_a + _blur(b * b) - squares_b
    covariance = _blur(a * b) - product
    similarity = (2 * product + C1) * (2 * covariance + C2)
    similarity /= (squares_a + squares_b + C1) * (variances + C2)
    return float(similarity.mean(dtype=np.float64))


def _blur(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the weighted mean around each place whose window lies within the plane."""
    blurred = cv2.GaussianBlur(plane, (WINDOW_PX, WINDOW_PX), SIGMA_PX)
    inner = slice(_EDGE_PX, -_EDGE_PX)
    return np.asarray(blurred[inner, inner], np.float32)
