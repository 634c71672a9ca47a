"""The names that kcore.ops must have: those of the array API standard, and those that Keras adds."""

from __future__ import annotations

import warnings

import array_api_strict as standard
import pytest

from kcore import ops

NOT_OURS = {
    "complex numbers": {"complex128", "complex64", "conj", "imag", "real"},
    "names of dtypes, which are text here": {
        "bool", "float32", "float64", "int16", "int32", "int64", "int8", "uint16", "uint32", "uint64", "uint8",
    },
    "what belongs to that package": {
        "ArrayAPIStrictFlags", "Device", "get_array_api_strict_flags", "reset_array_api_strict_flags",
        "set_array_api_strict_flags", "__array_api_version__", "__array_namespace_info__", "__version__",
    },
    "arrays of other libraries: convert_to_tensor": {"from_dlpack"},
    "extensions": {"fft", "linalg"},
}  # fmt: skip
DATA_DEPENDENT = {"nonzero", "unique_all", "unique_counts", "unique_inverse", "unique_values"}

KERAS = """
abs absolute add all any append arange arccos arccosh arcsin arcsinh arctan arctan2 arctanh argmax argmin
argpartition argsort array average average_pool batch_normalization bincount binary_crossentropy bitwise_and
bitwise_invert bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor broadcast_to cast
categorical_crossentropy ceil celu clip concatenate conv conv_transpose convert_to_numpy convert_to_tensor
copy cos cosh count_nonzero cross cumprod cumsum custom_gradient depthwise_conv diag diagflat diagonal diff
digitize divide divide_no_nan dot dot_product_attention dtype einsum elu empty empty_like equal erf erfinv exp
exp2 expand_dims expm1 eye flip floor floor_divide full full_like gelu glu greater greater_equal hard_shrink
hard_sigmoid hard_silu hard_swish hard_tanh hstack identity in_top_k inner is_tensor isclose isfinite isinf
isnan kron layer_normalization leaky_relu left_shift less less_equal linspace log log10 log1p log2 log_sigmoid
log_softmax logaddexp logical_and logical_not logical_or logical_xor logsumexp matmul max max_pool maximum
mean median meshgrid min minimum mod moments moveaxis multi_hot multiply nan_to_num ndim negative norm
normalize not_equal one_hot ones ones_like outer pad power prod quantile ravel reciprocal relu relu6 repeat
reshape right_shift rms_normalization roll rot90 round rsqrt scan scatter scatter_update searchsorted
segment_max segment_sum select selu separable_conv shape sigmoid sign signbit silu sin sinh size slice
slice_update soft_shrink softmax softplus softsign sort sparse_categorical_crossentropy sparse_plus sparsemax
split sqrt square squareplus squeeze stack std stop_gradient subtract sum swapaxes swish take take_along_axis
tan tanh tanh_shrink tensordot threshold tile top_k trace transpose tri tril triu true_divide trunc unstack
var vdot vstack where zeros zeros_like cond fori_loop map while_loop vectorized_map
""".split()  # noqa: SIM905 - a list of so many strings is no easier to read


def names_of_the_standard() -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return sorted({n for n in standard.__all__ if not n.startswith("_")} - set().union(*NOT_OURS.values()))


@pytest.mark.parametrize("name", names_of_the_standard())
def test_the_standards_names_are_here(name):
    assert name in ops.__all__
    if name in DATA_DEPENDENT:
        with pytest.raises(TypeError, match="depends on"):
            getattr(ops, name)(ops.ones((3,)))


@pytest.mark.parametrize("name", KERAS)
def test_kerass_names_are_here(name):
    assert name in ops.__all__
