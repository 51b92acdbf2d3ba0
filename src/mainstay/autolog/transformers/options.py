"""What autolog records of Hugging Face trainers."""

from __future__ import annotations

from typing import Self

import msgspec

from mainstay.autolog.options import Options


class TransformersOptions(Options, frozen=True, kw_only=True):
    """Options of the autolog of ``transformers``; a model may weigh gigabytes."""

    log_models: bool = False
    """Log the model with its tokenizer as a pipeline."""

    @classmethod
    def of(cls, options: Options) -> Self:
        """Return these options; models are logged only where this library's were asked for."""
        if isinstance(options, cls):
            return options
        return cls(**{**msgspec.structs.asdict(options), "log_models": False})
