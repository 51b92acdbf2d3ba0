"""A Keras model with validation and early stopping."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np


def data() -> tuple[Any, Any]:
    """Return 64 rows of a line."""
    features = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
    return features, features.sum(axis=1, keepdims=True)


def network() -> Any:
    """Return a compiled line."""
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(0.05), loss="mse", metrics=["mae"])
    return model


def fit(face: Any) -> None:
    """Fit under autolog."""
    face.keras.autolog()
    features, targets = data()
    stop = keras.callbacks.EarlyStopping("val_loss", patience=2)
    network().fit(
        features,
        targets,
        epochs=3,
        batch_size=16,
        validation_split=0.25,
        callbacks=[stop],
        verbose=0,
    )
