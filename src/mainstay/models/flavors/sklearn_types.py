"""Which of scikit-learn's own types a skops file may hold without anybody's trust.

skops vouches for public estimators and numpy's data types. The names below are added after
reading what each does when it is built and used: they are records of numbers and settings, and
functions without side effects. Names, not prefixes: scikit-learn also has functions that read
files or fetch URLs. Left out on purpose: ``KDTree``, ``BallTree`` and other
compiled structures that index memory by numbers from the file; models with them are saved with
cloudpickle. Trees of decisions (`TREE`) are vouched for file by file, see ``sklearn_trees`` and
``sklearn_boosting``.

The estimators of LightGBM and XGBoost are here too: they keep their trees in the library's own
format, and building one hands that text or those bytes to the library's parser.
"""

from __future__ import annotations

TREE = "sklearn.tree._tree.Tree"

_KERNELS = (
    "CompoundKernel ConstantKernel DotProduct ExpSineSquared Exponentiation Hyperparameter Matern "
    "PairwiseKernel Product RBF RationalQuadratic Sum WhiteKernel"
)
_METRICS = {
    "_classification": "accuracy_score balanced_accuracy_score f1_score jaccard_score log_loss "
    "matthews_corrcoef precision_score recall_score",
    "_ranking": "average_precision_score roc_auc_score",
    "_regression": "explained_variance_score max_error mean_absolute_error mean_squared_error "
    "median_absolute_error r2_score root_mean_squared_error",
}
_SPLITS = (
    "GroupKFold GroupShuffleSplit KFold LeaveOneOut RepeatedKFold RepeatedStratifiedKFold "
    "ShuffleSplit StratifiedGroupKFold StratifiedKFold StratifiedShuffleSplit TimeSeriesSplit"
)
_LIGHTGBM = "LGBMClassifier LGBMModel LGBMRanker LGBMRegressor"
_XGBOOST = "XGBClassifier XGBModel XGBRFClassifier XGBRFRegressor XGBRanker XGBRegressor"
_SCORES = "chi2 f_classif f_oneway f_regression r_regression"

VOUCHED = frozenset(
    [
        "collections.OrderedDict",
        "lightgbm.basic.Booster",
        "numpy.dtype",
        "numpy.mean",
        "scipy._lib.array_api_compat.numpy._aliases.asarray",
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
        "sklearn.metrics._scorer._CurveScorer",
        "sklearn.metrics._scorer._PassthroughScorer",
        "sklearn.metrics._scorer._Scorer",
        "sklearn.multiclass._ConstantPredictor",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
        "sklearn.utils._bunch.Bunch",
        "sklearn.utils._metadata_requests.MetadataRequest",
        "sklearn.utils._metadata_requests.MethodMetadataRequest",
        "xgboost.core.Booster",
        *(f"lightgbm.sklearn.{name}" for name in _LIGHTGBM.split()),
        *(f"xgboost.sklearn.{name}" for name in _XGBOOST.split()),
        *(
            f"sklearn.metrics.{module}.{name}"
            for module, names in _METRICS.items()
            for name in names.split()
        ),
        *(f"sklearn.model_selection._split.{name}" for name in _SPLITS.split()),
        *(f"sklearn.gaussian_process.kernels.{name}" for name in _KERNELS.split()),
        *(f"sklearn.feature_selection._univariate_selection.{name}" for name in _SCORES.split()),
    ]
)
