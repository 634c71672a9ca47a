"""The scalar language in CUDA C++: how each word is spelled, and the functions that C++ lacks."""

from __future__ import annotations

TYPES = {
    "bool": "bool",
    "int8": "signed char",
    "int16": "short",
    "int32": "int",
    "int64": "long long",
    "uint8": "unsigned char",
    "uint16": "unsigned short",
    "uint32": "unsigned",
    "uint64": "unsigned long long",
    "float32": "float",
    "float64": "double",
}
"""By dtype, the type in C++."""

WORDS = {
    "abs": "absolute({})",
    "add": "{} + {}",
    "atan2": "atan2({}, {})",
    "bitwise_and": "{} & {}",
    "bitwise_invert": "flipped({})",
    "bitwise_left_shift": "moved_up({}, {})",
    "bitwise_or": "{} | {}",
    "bitwise_right_shift": "moved_down({}, {})",
    "bitwise_xor": "{} ^ {}",
    "cast": "{}",
    "copysign": "copysign({}, {})",
    "divide": "{} / {}",
    "equal": "{} == {}",
    "floor_divide": "floor_quotient({}, {})",
    "greater": "{} > {}",
    "greater_equal": "{} >= {}",
    "hypot": "hypot({}, {})",
    "isfinite": "{0} - {0} == 0",
    "isinf": "{0} == {0} && {0} - {0} != 0",
    "isnan": "{0} != {0}",
    "less": "{} < {}",
    "less_equal": "{} <= {}",
    "logaddexp": "log_of_sum({}, {})",
    "logical_and": "{} && {}",
    "logical_not": "!{}",
    "logical_or": "{} || {}",
    "logical_xor": "!{} != !{}",
    "maximum": "larger({}, {})",
    "minimum": "smaller({}, {})",
    "multiply": "{} * {}",
    "negative": "-{}",
    "nextafter": "nextafter({}, {})",
    "not_equal": "{} != {}",
    "pow": "power({}, {})",
    "reciprocal": "1 / {}",
    "remainder": "floor_remainder({}, {})",
    "round": "rint({})",
    "sign": "sign_of({})",
    "signbit": "copysign(one_like({0}), {0}) < 0",
    "square": "{0} * {0}",
    "subtract": "{} - {}",
    "where": "{} ? {} : {}",
}
"""By name of an elementwise op, its expression."""

ALIKE = (
    "acos acosh asin asinh atan atanh ceil cos cosh exp expm1 floor log log10 log1p log2 sin sinh sqrt tan tanh trunc"
)
WORDS |= {name: f"{name}({{}})" for name in ALIKE.split()}

SIGNED = {
    "abs": "{0} < 0 ? ({T})(0 - u64({0})) : {0}",
    "add": "u64({}) + u64({})",
    "multiply": "u64({}) * u64({})",
    "negative": "0 - u64({})",
    "square": "u64({0}) * u64({0})",
    "subtract": "u64({}) - u64({})",
}
"""Arithmetic of signed integers, which wrap round in NumPy; in C++ they must not overflow."""

REDUCTIONS = {
    "all": "Smallest",
    "any": "Largest",
    "argmax": "FirstLargest",
    "argmin": "FirstSmallest",
    "max": "Largest",
    "min": "Smallest",
    "prod": "Product",
    "sum": "Sum",
}
"""By name of a reduction, what accumulates it; see ACCUMULATORS."""

FUNCTIONS = """
typedef long long i64;
typedef unsigned long long u64;

template <class T> __device__ inline T one_like(T) { return T(1); }
template <class T> __device__ inline T larger(T a, T b) { return a > b || a != a ? a : b; }   // NaN wins, as in NumPy
template <class T> __device__ inline T smaller(T a, T b) { return a < b || a != a ? a : b; }
template <class T> __device__ inline T sign_of(T a) { return a > 0 ? T(1) : a < 0 ? T(-1) : a == 0 ? T(0) : a; }
template <class T> __device__ inline T absolute(T a) { return a; }        // of what has no sign
__device__ inline float absolute(float a) { return fabs(a); }
__device__ inline double absolute(double a) { return fabs(a); }
template <class T> __device__ inline T flipped(T a) { return ~a; }
__device__ inline bool flipped(bool a) { return !a; }

template <class T> __device__ inline T moved_up(T a, T b) { return u64(b) < 8 * sizeof(T) ? T(u64(a) << b) : T(0); }
template <class T> __device__ inline T moved_down(T a, T b) {
    return u64(b) < 8 * sizeof(T) ? T(a >> b) : a < 0 ? T(-1) : T(0);
}
template <class T> __device__ inline T power(T a, T b) {       // of integers, wrapping round as NumPy's
    if (b < 0) return a == 1 ? T(1) : a == T(-1) ? (b % 2 ? T(-1) : T(1)) : T(0);
    u64 result = 1, factor = u64(a);
    for (u64 n = u64(b); n; n >>= 1, factor *= factor) if (n & 1) result *= factor;
    return T(result);
}
__device__ inline float power(float a, float b) { return pow(a, b); }
__device__ inline double power(double a, double b) { return pow(a, b); }
template <class T> __device__ inline T log_of_sum(T a, T b) {  // as NumPy: infinities that are equal have no difference
    if (a == b) return a + log(T(2));
    T apart = a - b;
    return apart > 0 ? a + log1p(exp(-apart)) : apart <= 0 ? b + log1p(exp(apart)) : apart;
}

template <class T> __device__ inline T floor_quotient(T a, T b) {   // of integers; by 0 it is 0, as in NumPy
    if (b == 0) return T(0);
    if (T(-1) < T(0) && b == T(-1)) return T(0 - u64(a));
    T q = a / b;
    return a % b != 0 && (a < 0) != (b < 0) ? T(q - 1) : q;
}
template <class T> __device__ inline T floor_remainder(T a, T b) {
    if (b == 0 || (T(-1) < T(0) && b == T(-1))) return T(0);
    T r = a % b;
    return r != 0 && (r < 0) != (b < 0) ? T(r + b) : r;
}
template <class T> __device__ inline T float_quotient(T a, T b) {   // of the remainder, so that both fit together
    if (b == 0) return a / b;
    T r = fmod(a, b), q = (a - r) / b;
    if (r != 0 && (b < 0) != (r < 0)) q -= T(1);
    if (q == 0) return copysign(T(0), a / b);
    T whole = floor(q);
    return q - whole > T(0.5) ? whole + T(1) : whole;
}
template <class T> __device__ inline T float_remainder(T a, T b) {
    T r = fmod(a, b);
    if (b == 0) return r;
    if (r == 0) return copysign(T(0), b);
    return (b < 0) != (r < 0) ? r + b : r;
}
__device__ inline float floor_quotient(float a, float b) { return float_quotient(a, b); }
__device__ inline double floor_quotient(double a, double b) { return float_quotient(a, b); }
__device__ inline float floor_remainder(float a, float b) { return float_remainder(a, b); }
__device__ inline double floor_remainder(double a, double b) { return float_remainder(a, b); }
"""

_LIMITS = "\n".join(
    f"template <> __device__ inline {kind} {end}<{kind}>() {{ return {text}; }}"
    for kind, low, high in (
        ("bool", "false", "true"),
        ("signed char", "-128", "127"),
        ("short", "-32768", "32767"),
        ("int", "-2147483647 - 1", "2147483647"),
        ("long long", "-9223372036854775807ll - 1", "9223372036854775807ll"),
        ("unsigned char", "0", "255"),
        ("unsigned short", "0", "65535"),
        ("unsigned", "0", "4294967295u"),
        ("unsigned long long", "0", "18446744073709551615ull"),
        ("float", "-1.0f / 0.0f", "1.0f / 0.0f"),
        ("double", "-1.0 / 0.0", "1.0 / 0.0"),
    )
    for end, text in (("lowest", low), ("highest", high))
)

ACCUMULATORS = f"""
template <class T> __device__ inline T lowest();
template <class T> __device__ inline T highest();
{_LIMITS}

template <class T> __device__ inline T plus(T a, T b) {{ return T(u64(a) + u64(b)); }}   // of integers: wraps round
template <class T> __device__ inline T times(T a, T b) {{ return T(u64(a) * u64(b)); }}
__device__ inline float plus(float a, float b) {{ return a + b; }}
__device__ inline float times(float a, float b) {{ return a * b; }}
__device__ inline double plus(double a, double b) {{ return a + b; }}
__device__ inline double times(double a, double b) {{ return a * b; }}

template <class T> struct Sum {{
    T value;
    __device__ static Sum none() {{ return {{T(0)}}; }}
    __device__ void take(T x, i64) {{ value = plus(value, x); }}
    __device__ void merge(Sum other) {{ value = plus(value, other.value); }}
    __device__ T result() {{ return value; }}
}};
template <class T> struct Product {{
    T value;
    __device__ static Product none() {{ return {{T(1)}}; }}
    __device__ void take(T x, i64) {{ value = times(value, x); }}
    __device__ void merge(Product other) {{ value = times(value, other.value); }}
    __device__ T result() {{ return value; }}
}};
template <class T> struct Largest {{
    T value;
    __device__ static Largest none() {{ return {{lowest<T>()}}; }}
    __device__ void take(T x, i64) {{ value = larger(value, x); }}
    __device__ void merge(Largest other) {{ value = larger(value, other.value); }}
    __device__ T result() {{ return value; }}
}};
template <class T> struct Smallest {{
    T value;
    __device__ static Smallest none() {{ return {{highest<T>()}}; }}
    __device__ void take(T x, i64) {{ value = smaller(value, x); }}
    __device__ void merge(Smallest other) {{ value = smaller(value, other.value); }}
    __device__ T result() {{ return value; }}
}};
template <class T, int SIGN> struct First {{                   // the first of the extreme ones, or the first NaN
    T value;
    i64 at;
    __device__ static First none() {{ return {{T(0), -1}}; }}
    __device__ void take(T x, i64 i) {{ merge({{x, i}}); }}
    __device__ void merge(First other) {{
        if (other.at < 0) return;
        bool nan = value != value, beats = SIGN > 0 ? other.value > value : other.value < value;
        bool same = other.value != other.value ? nan : other.value == value;
        if (at < 0 || (same ? other.at < at : other.value != other.value || (!nan && beats))) *this = other;
    }}
    __device__ i64 result() {{ return at; }}
}};
template <class T> using FirstLargest = First<T, 1>;
template <class T> using FirstSmallest = First<T, -1>;

struct Pair {{ unsigned x, y; }};

// What `width` threads that lie `apart` apart have accumulated, merged; every thread of the block must call it.
template <class A> __device__ A gather(A mine, A* room, unsigned slot, unsigned rank, unsigned width, unsigned apart) {{
    room[slot] = mine;
    __syncthreads();
    while (width > 1) {{
        unsigned half = (width + 1) / 2;
        if (rank < width - half) room[slot].merge(room[slot + half * apart]);
        width = half;
        __syncthreads();
    }}
    A all = room[slot - rank * apart];
    __syncthreads();
    return all;
}}
"""


def expression(word: str, dtype: str, operands: list[str]) -> str:
    """A word applied to C++ expressions, as a value of this dtype."""
    form = SIGNED[word] if dtype.startswith("int") and word in SIGNED else WORDS[word]
    return f"({TYPES[dtype]})({form.format(*operands, T=TYPES[dtype])})"


def literal(value: float | int | bool, dtype: str) -> str:
    """A 0 or a 1 of a dtype."""
    return f"({TYPES[dtype]}){int(value)}"
