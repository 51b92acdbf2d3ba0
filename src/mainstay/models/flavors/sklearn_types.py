"""Which of scikit-learn's own types a skops file may hold without anybody's trust.

skops vouches for public estimators and numpy's data types. The names below are added after
reading what each does when it is built and used: they are records of numbers and settings, and
functions without side effects. Names, not prefixes: scikit-learn also has functions that read
files or fetch URLs. Left out on purpose: ``KDTree``, ``BallTree``, ``TreePredictor`` and other
compiled structures that index memory by numbers from the file; models with them are saved with
cloudpickle. Trees of decisions (`TREE`) are vouched for file by file, see ``sklearn_trees``.
"""

from __future__ import annotations

TREE = "sklearn.tree._tree.Tree"

_KERNELS = (
    "CompoundKernel ConstantKernel DotProduct ExpSineSquared Exponentiation Hyperparameter Matern "
    "PairwiseKernel Product RBF RationalQuadratic Sum WhiteKernel"
)
_SCORES = "chi2 f_classif f_oneway f_regression r_regression"

VOUCHED = frozenset(
    [
        "numpy.dtype",
        "scipy.interpolate._bsplines.BSpline",
        "scipy.sparse._csr.csr_matrix",
        "scipy.sparse._csc.csc_matrix",
        "sklearn._loss.loss.HalfTweedieLoss",
        "sklearn._loss.loss.HalfTweedieLossIdentity",
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.cluster._bisect_k_means._BisectingTree",
        "sklearn.cluster._kmeans._kmeans_single_elkan",
        "sklearn.cluster._kmeans._kmeans_single_lloyd",
        "sklearn.feature_selection._mutual_info.mutual_info_classif",
        "sklearn.feature_selection._mutual_info.mutual_info_regression",
        "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
        *(f"sklearn.gaussian_process.kernels.{name}" for name in _KERNELS.split()),
        *(f"sklearn.feature_selection._univariate_selection.{name}" for name in _SCORES.split()),
    ]
)
