"""Logarithm, power of two and angle as polynomials, so that the compiler can work on many cells at once.

A compiled loop that calls the C library's ``log`` or ``atan2`` works cell by cell. These are a few
multiplications each, in float32, and have no branch. The coefficients are fits of least largest error
(Lawson's reweighted least squares); what is left of an error stands at each, and a test measures it.

References
----------
Lawson, "Contributions to the theory of linear least maximum approximation", thesis, UCLA, 1961.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

Function = TypeVar("Function", bound=Callable[..., Any])

# Numba's own types for this differ between its versions.
_intrinsic = cast(Callable[[Callable[..., Any]], Callable[..., Any]], intrinsic)

# No "reassoc": it would cancel the rounding to whole numbers below, which adds a number and takes it away.
_FLAGS = frozenset({"contract", "nnan", "nsz"})

_F = np.float32
_INTEGER = ir.IntType(32)
_FLOAT = ir.FloatType()
_ROOT_HALF_BITS = 0x3F3504F3
"""The square root of a half as float32: mantissas are taken from there to twice it."""
_EXPONENT_BITS = -8388608
_MANTISSA_LENGTH = 23

ROUNDING = _F(12582912.0)
"""1.5 times 2^23: added to a float32 below 2^22 it leaves no room for a fraction."""
_LEAST_POWER = _F(-120.0)
_LEAST_SIDE = _F(1e-6)
_ZERO, _QUARTER, _HALF, _ONE = _F(0.0), _F(0.25), _F(0.5), _F(1.0)
_L1, _L2, _L3 = _F(1.44271348), _F(-0.721131859), _F(0.479348018)
_L4, _L5, _L6 = _F(-0.367489975), _F(0.32215481), _F(-0.20659177)
_E0, _E1, _E2 = _F(0.999999261), _F(0.693121815), _F(0.240247448)
_E3, _E4 = _F(0.0559178603), _F(0.00957010179)
_A1, _A3, _A5 = _F(0.159133669), _F(-0.0525696394), _F(0.0286732423)
_A7, _A9 = _F(-0.0135530541), _F(0.00331760289)


def compiled(function: Function) -> Function:
    """Return a function compiled on its first call, for threads and with float32 that is never NaN.

    The machine code is not kept on disk: Numba's cache looks at the file of the function alone, so that
    it would go on using what an older ``fast_math`` was compiled into.
    """
    return cast(
        Function,
        numba.njit(fastmath=set(_FLAGS), error_model="numpy", nogil=True, boundscheck=False)(function),
    )


@_intrinsic
def wide_vectors(_context: Any) -> Any:
    """Let the function that calls this use the widest vectors; by default half of them on some machines."""

    def build(target: Any, builder: Any, _signature: Any, _args: Any) -> Any:
        attributes = builder.function.attributes
        if isinstance(attributes, set):
            # The class knows the attributes that are single words only.
            set.add(attributes, '"prefer-vector-width"="512"')
        return target.get_dummy_value()

    return types.void(), build


@_intrinsic
def _exponent(_context: Any, _x: Any) -> Any:
    """Return the power of two that leaves a mantissa of sqrt(1/2) to sqrt(2), as float32."""

    def build(_target: Any, builder: Any, _signature: Any, args: Any) -> Any:
        over = builder.sub(builder.bitcast(args[0], _INTEGER), ir.Constant(_INTEGER, _ROOT_HALF_BITS))
        return builder.sitofp(builder.ashr(over, ir.Constant(_INTEGER, _MANTISSA_LENGTH)), _FLOAT)

    return types.float32(types.float32), build


@_intrinsic
def _mantissa(_context: Any, _x: Any) -> Any:
    """Return what is left of a positive float32 without that power of two."""

    def build(_target: Any, builder: Any, _signature: Any, args: Any) -> Any:
        bits = builder.bitcast(args[0], _INTEGER)
        over = builder.sub(bits, ir.Constant(_INTEGER, _ROOT_HALF_BITS))
        power = builder.and_(over, ir.Constant(_INTEGER, _EXPONENT_BITS))
        return builder.bitcast(builder.sub(bits, power), _FLOAT)

    return types.float32(types.float32), build


@_intrinsic
def _times_power(_context: Any, _x: Any, _rounded: Any) -> Any:
    """Return x times 2 to the whole number in the last bits of a sum with ``ROUNDING``."""

    def build(_target: Any, builder: Any, _signature: Any, args: Any) -> Any:
        value, power = (builder.bitcast(arg, _INTEGER) for arg in args)
        shifted = builder.shl(power, ir.Constant(_INTEGER, _MANTISSA_LENGTH))
        return builder.bitcast(builder.add(value, shifted), _FLOAT)

    return types.float32(types.float32, types.float32), build


@compiled
def log2(x: Any) -> Any:
    """Return the logarithm to base 2 of a positive float32, within 3e-6 and a rounding."""
    f = _mantissa(x) - _ONE
    return _exponent(x) + f * (_L1 + f * (_L2 + f * (_L3 + f * (_L4 + f * (_L5 + f * _L6)))))


@compiled
def exp2(x: Any) -> Any:
    """Return 2 to the power of x, within 3e-6 of it; x from -120 (lower is taken as that) to 127."""
    held = max(x, _LEAST_POWER)
    rounded = held + ROUNDING
    f = held - (rounded - ROUNDING)
    return _times_power(_E0 + f * (_E1 + f * (_E2 + f * (_E3 + f * _E4))), rounded)


@compiled
def turns(east: Any, north: Any) -> Any:
    """Return the direction clockwise from north, half a turn at most, within 2e-6 turns; 0 for no way."""
    across, along = abs(east), abs(north)
    q = min(across, along) / max(across, along, _LEAST_SIDE)
    s = q * q
    angle = q * (_A1 + s * (_A3 + s * (_A5 + s * (_A7 + s * _A9))))
    angle = _QUARTER - angle if across > along else angle
    angle = _HALF - angle if north < _ZERO else angle
    return -angle if east < _ZERO else angle


@compiled
def wrapped(angle: Any) -> Any:
    """Return an angle in turns as minus a half to a half."""
    return angle - ((angle + ROUNDING) - ROUNDING)


@compiled
def whole(x: Any) -> Any:
    """Return the whole number nearest to x, below 2^22."""
    return (x + ROUNDING) - ROUNDING


@compiled
def exp2_small(x: Any) -> Any:
    """Return 2 to the power of x, within 3e-6 of it; x from -120 to 127, not checked."""
    rounded = x + ROUNDING
    f = x - (rounded - ROUNDING)
    return _times_power(_E0 + f * (_E1 + f * (_E2 + f * (_E3 + f * _E4))), rounded)
