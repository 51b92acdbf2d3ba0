"""Which of torch's operators a program of ``torch.export`` may name without anybody's trust.

Arithmetic on tensors whose kernels check shapes and bounds themselves. Left out on purpose: what
reads or writes files (``from_file``), looks at memory as it lies (``as_strided``, ``set_``,
``resize_``, ``empty``), takes indices that not every kernel checks (``embedding_bag``,
``max_unpool2d``), registered extensions, and operators that take other programs.
"""

from __future__ import annotations

import re

_ARITHMETIC = (
    "abs acos acosh add addcdiv addcmul addmm angle asin asinh atan atan2 atanh baddbmm "
    "bitwise_and bitwise_not bitwise_or bitwise_xor bmm ceil clamp clamp_max clamp_min clip "
    "cos cosh cross cumprod cumsum deg2rad diff digamma div divide dot einsum eq equal erf "
    "erfc erfinv exp exp2 expm1 float_power floor floor_divide fmod frac ge greater "
    "greater_equal gt hypot isfinite isinf isnan kron le lerp less less_equal lgamma "
    "linalg_norm linalg_vector_norm log log10 log1p log2 logaddexp logical_and logical_not "
    "logical_or logical_xor logit lt matmul maximum minimum mm mul multiply mv nan_to_num ne "
    "neg negative norm not_equal outer pow rad2deg reciprocal remainder round rsqrt rsub sgn "
    "sigmoid sign sin sinc sinh sqrt square sub subtract tan tanh true_divide trunc where "
    "xlogy"
)
_REDUCTIONS = (
    "all amax amin any aminmax argmax argmin argsort count_nonzero logcumsumexp logsumexp max "
    "mean median min mode nanmean nansum prod sort std std_mean sum topk var var_mean"
)
_SHAPES = (
    "_assert_scalar _assert_tensor_metadata _shape_as_tensor _to_copy _unsafe_view alias "
    "arange broadcast_to cat chunk clone concat concatenate constant_pad_nd contiguous copy "
    "detach diagonal dropout expand expand_as eye feature_dropout fill flatten flip full "
    "full_like gather hstack index index_select lift_fresh_copy linspace masked_fill meshgrid "
    "movedim narrow new_full new_ones new_zeros numpy_T one_hot ones ones_like pad permute "
    "pixel_shuffle pixel_unshuffle repeat repeat_interleave reshape roll scalar_tensor select "
    "slice split split_with_sizes squeeze stack sym_constrain_range sym_constrain_range_for_size "
    "sym_numel sym_size t tensor_split tile to transpose tril triu type_as unbind unflatten "
    "unfold unsqueeze view view_as vstack zeros zeros_like"
)
_LAYERS = (
    "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d "
    "adaptive_max_pool2d alpha_dropout avg_pool1d avg_pool2d avg_pool3d batch_norm bilinear "
    "celu conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d convolution "
    "cosine_similarity elu embedding gelu glu group_norm gru hardshrink hardsigmoid hardswish "
    "hardtanh instance_norm layer_norm leaky_relu linear log_sigmoid log_softmax lstm "
    "max_pool1d max_pool2d max_pool3d mish native_batch_norm native_dropout native_group_norm "
    "native_layer_norm pairwise_distance prelu relu relu6 rms_norm rnn_relu rnn_tanh "
    "scaled_dot_product_attention selu silu softmax softplus softshrink softsign tanhshrink "
    "threshold upsample_bicubic2d upsample_bilinear2d upsample_linear1d upsample_nearest1d "
    "upsample_nearest2d upsample_nearest3d upsample_trilinear3d"
)
_ATEN = frozenset(" ".join((_ARITHMETIC, _REDUCTIONS, _SHAPES, _LAYERS)).split())
_SIZES = "add eq floordiv ge getitem gt le lt mod mul ne neg sub"
_SYMBOLS = "float int ite max min not"
_OF_SIZES = frozenset(
    [
        *(f"_operator.{name}" for name in _SIZES.split()),
        *(f"torch.sym_{name}" for name in _SYMBOLS.split()),
    ]
)
_TARGET = re.compile(r"torch\.ops\.aten\.([A-Za-z0-9_]+)\.([A-Za-z0-9]\w*)")


def vouched(target: str) -> bool:
    """Tell whether an operator computes on what it is given and does nothing else.

    >>> vouched("torch.ops.aten.relu_.default"), vouched("torch.ops.aten.from_file.default")
    (True, False)
    """
    if target in _OF_SIZES:
        return True
    found = _TARGET.fullmatch(target)
    if found is None or "out" in found[2].split("_"):
        return False
    name = found[1]
    return name in _ATEN or (name.endswith("_") and name[:-1] in _ATEN)
