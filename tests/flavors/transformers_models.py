"""Small pipelines, made from a configuration and a tokenizer of fifteen words.

The text is a program, so that mlflow's side makes the same ones.
"""

MAKE = """
import os
os.environ["HF_HUB_OFFLINE"] = "1"
import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers
transformers.logging.set_verbosity_error()
WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] good bad film great awful the a movie was is".split()
SIZES = dict(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32)
def tokenizer():
    words = Tokenizer(models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]",
        sep_token="[SEP]", mask_token="[MASK]",
    )
def bert(kind, task, labels=("neg", "pos")):
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(WORDS), max_position_embeddings=32, **SIZES,
        id2label=dict(enumerate(labels)), label2id={name: at for at, name in enumerate(labels)},
    )
    model = getattr(transformers, kind)(config).eval()
    return transformers.pipeline(task, model=model, tokenizer=tokenizer())
def classifier():
    return bert("BertForSequenceClassification", "text-classification")
def zero_shot():
    return bert(
        "BertForSequenceClassification", "zero-shot-classification",
        ("contradiction", "neutral", "entailment"),
    )
def filler():
    return bert("BertForMaskedLM", "fill-mask")
def tagger():
    return bert("BertForTokenClassification", "token-classification")
def embedder():
    return bert("BertModel", "feature-extraction")
def generator():
    torch.manual_seed(0)
    config = transformers.GPT2Config(
        vocab_size=len(WORDS), n_positions=32, n_embd=16, n_layer=1, n_head=2,
        bos_token_id=2, eos_token_id=3,
    )
    model = transformers.GPT2LMHeadModel(config).eval()
    return transformers.pipeline("text-generation", model=model, tokenizer=tokenizer())
def pictures():
    torch.manual_seed(0)
    config = transformers.ViTConfig(image_size=16, patch_size=8, **SIZES)
    model = transformers.ViTForImageClassification(config).eval()
    size = {"height": 16, "width": 16}
    return transformers.pipeline(
        "image-classification", model=model,
        image_processor=transformers.ViTImageProcessorPil(size=size),
    )
"""
