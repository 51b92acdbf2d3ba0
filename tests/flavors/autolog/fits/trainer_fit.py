"""A Hugging Face trainer on a small model made here."""

from __future__ import annotations

import tempfile
from typing import Any

import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments


def rows(count: int = 16) -> list[dict[str, Any]]:
    """Return tokenized rows with labels."""
    torch.manual_seed(0)
    return [
        {
            "input_ids": torch.randint(0, 50, (8,)),
            "attention_mask": torch.ones(8, dtype=torch.long),
            "labels": torch.tensor(row % 2),
        }
        for row in range(count)
    ]


def network() -> Any:
    """Return a BERT of some thousand weights."""
    return BertForSequenceClassification(
        BertConfig(
            vocab_size=50,
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=16,
        )
    )


def trainer(folder: str, **given: Any) -> Trainer:
    """Return a trainer of two epochs with four steps each."""
    arguments = {
        "num_train_epochs": 2,
        "per_device_train_batch_size": 4,
        "logging_steps": 2,
        "save_strategy": "no",
        "eval_strategy": "epoch",
        "disable_tqdm": True,
        "use_cpu": True,
        **given,
    }
    return Trainer(
        model=network(),
        args=TrainingArguments(output_dir=folder, **arguments),
        train_dataset=rows(),
        eval_dataset=rows(8),
    )


def fit(face: Any) -> None:
    """Fit under autolog."""
    face.transformers.autolog()
    with tempfile.TemporaryDirectory() as folder:
        trainer(folder).train()
