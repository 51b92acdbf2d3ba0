"""Which of Keras's own classes and functions a model may name without anybody's trust.

Read as an allow-list of what builds layers from numbers and settings. Left out on purpose:
``Lambda`` (bytecode), ``TFSMLayer`` (a TensorFlow program), ``TorchModuleWrapper`` (a pickle),
``JaxLayer`` and ``FlaxLayer`` (functions), and ``StringLookup``, ``IntegerLookup`` and
``TextVectorization`` where their vocabulary is the path of a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LAYERS = (
    "Activation ActivityRegularization AdaptiveAveragePooling1D AdaptiveAveragePooling2D "
    "AdaptiveAveragePooling3D AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D Add "
    "AdditiveAttention AlphaDropout Attention Average AveragePooling1D AveragePooling2D "
    "AveragePooling3D BatchNormalization Bidirectional CategoryEncoding CenterCrop Concatenate "
    "Conv1D Conv1DTranspose Conv2D Conv2DTranspose Conv3D Conv3DTranspose ConvLSTM1D ConvLSTM2D "
    "ConvLSTM3D Cropping1D Cropping2D Cropping3D Dense DepthwiseConv1D DepthwiseConv2D "
    "Discretization Dot Dropout ELU EinsumDense Embedding Flatten GRU GRUCell GaussianDropout "
    "GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D "
    "GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GroupNormalization "
    "GroupQueryAttention GroupedQueryAttention HashedCrossing Hashing Identity InputLayer "
    "IntegerLookup LSTM LSTMCell LayerNormalization LeakyReLU Masking MaxPooling1D MaxPooling2D "
    "MaxPooling3D Maximum MelSpectrogram Minimum MultiHeadAttention Multiply Normalization PReLU "
    "Permute RMSNormalization RNN RandomBrightness RandomContrast RandomCrop RandomFlip "
    "RandomRotation RandomTranslation RandomZoom ReLU RepeatVector Rescaling Reshape Resizing "
    "STFTSpectrogram SeparableConv1D SeparableConv2D SimpleRNN SimpleRNNCell Softmax "
    "SpatialDropout1D SpatialDropout2D SpatialDropout3D SpectralNormalization StackedRNNCells "
    "StringLookup Subtract TextVectorization TimeDistributed UnitNormalization UpSampling1D "
    "UpSampling2D UpSampling3D ZeroPadding1D ZeroPadding2D ZeroPadding3D"
)
_INITIALIZERS = (
    "Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity LecunNormal LecunUniform Ones "
    "Orthogonal OrthogonalInitializer RandomNormal RandomUniform STFT TruncatedNormal "
    "VarianceScaling Zeros"
)
_LOSSES = (
    "BinaryCrossentropy BinaryFocalCrossentropy CTC CategoricalCrossentropy "
    "CategoricalFocalCrossentropy CategoricalHinge CosineSimilarity Dice Hinge Huber KLDivergence "
    "LogCosh MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredError "
    "MeanSquaredLogarithmicError Poisson SparseCategoricalCrossentropy SquaredHinge Tversky "
    "binary_crossentropy categorical_crossentropy hinge huber kl_divergence log_cosh "
    "mean_absolute_error mean_absolute_percentage_error mean_squared_error "
    "mean_squared_logarithmic_error poisson sparse_categorical_crossentropy squared_hinge"
)
_METRICS = (
    "AUC Accuracy BinaryAccuracy BinaryCrossentropy CategoricalAccuracy CategoricalCrossentropy "
    "CosineSimilarity F1Score FBetaScore FalseNegatives FalsePositives Hinge IoU KLDivergence Mean "
    "MeanAbsoluteError MeanAbsolutePercentageError MeanIoU MeanMetricWrapper MeanSquaredError "
    "MeanSquaredLogarithmicError Poisson Precision PrecisionAtRecall R2Score Recall "
    "RecallAtPrecision RootMeanSquaredError SensitivityAtSpecificity SparseCategoricalAccuracy "
    "SparseCategoricalCrossentropy SparseTopKCategoricalAccuracy SpecificityAtSensitivity Sum "
    "TopKCategoricalAccuracy TrueNegatives TruePositives"
)
_OPTIMIZERS = (
    "Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lamb Lion LossScaleOptimizer Muon Nadam "
    "RMSprop SGD"
)
_ACTIVATIONS = (
    "celu elu exponential gelu glu hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu linear "
    "log_sigmoid log_softmax mish relu relu6 selu sigmoid silu softmax softplus softsign "
    "squareplus swish tanh threshold"
)
_SCHEDULES = (
    "CosineDecay CosineDecayRestarts ExponentialDecay InverseTimeDecay PiecewiseConstantDecay "
    "PolynomialDecay"
)
_TABLE = {
    "keras": "DTypePolicy FloatDTypePolicy Functional Model Sequential SeedGenerator",
    "keras.activations": _ACTIVATIONS,
    "keras.constraints": "MaxNorm MinMaxNorm NonNeg UnitNorm",
    "keras.dtype_policies": "DTypePolicy DTypePolicyMap FloatDTypePolicy QuantizedDTypePolicy",
    "keras.initializers": _INITIALIZERS,
    "keras.layers": _LAYERS,
    "keras.losses": _LOSSES,
    "keras.metrics": _METRICS,
    "keras.models": "Functional Model Sequential",
    "keras.optimizers": _OPTIMIZERS,
    "keras.optimizers.schedules": _SCHEDULES,
    "keras.random": "SeedGenerator",
    "keras.regularizers": "L1 L1L2 L2 OrthogonalRegularizer",
    "keras.src.models.functional": "Functional",
    "keras.src.models.sequential": "Sequential",
}
_NAMES = {module: frozenset(names.split()) for module, names in _TABLE.items()}
_ANYWHERE = frozenset().union(*_NAMES.values())
_OPERATIONS = frozenset({"keras.src.ops.numpy", "keras.src.ops.nn", "keras.src.ops.math"})
"""Modules of nothing but arithmetic; Keras itself builds only operations from them."""

_VALUES = frozenset(
    {"__keras_tensor__", "__tensor__", "__numpy__", "__bytes__", "__ellipsis__", "__slice__"}
)
_LOOKUPS = frozenset({"StringLookup", "IntegerLookup", "TextVectorization"})


def unvouched(form: Any) -> list[str]:
    """Return the classes and functions in a model's ``config.json`` that nobody vouches for.

    >>> unvouched({"module": "keras.layers", "class_name": "Dense", "config": {}})
    []
    >>> unvouched({"module": "keras.layers", "class_name": "Lambda", "config": {}})
    ['keras.layers.Lambda']
    """
    found: set[str] = set()
    waiting = [form]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            if "class_name" in item and not _vouched(item):
                found.add(_title(item))
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return sorted(found)


def _vouched(item: Mapping[str, Any]) -> bool:
    name, module, inner = item["class_name"], item.get("module"), item.get("config")
    if name in _VALUES:
        return True
    if item.get("registered_name") not in (None, name, inner):
        return False
    if name == "function":
        known = _ANYWHERE if module == "builtins" else _NAMES.get(str(module), frozenset())
        return isinstance(inner, str) and inner in known
    if name in _LOOKUPS and isinstance(inner, Mapping):
        paths = (inner.get("vocabulary"), inner.get("vocabulary_file"))
        if any(isinstance(path, str) for path in paths):
            return False
    if module is None:
        return name in _ANYWHERE
    return module in _OPERATIONS or name in _NAMES.get(str(module), frozenset())


def _title(item: Mapping[str, Any]) -> str:
    name, inner = str(item["class_name"]), item.get("config")
    if name == "function" and isinstance(inner, str):
        name = inner
    given = item.get("registered_name")
    if isinstance(given, str) and given not in (name, inner):
        return given
    module = item.get("module")
    return f"{module}.{name}" if isinstance(module, str) else name
