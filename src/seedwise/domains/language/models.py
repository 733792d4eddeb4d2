"""The models of the language domain: small ones built from scratch, and pretrained ones.

Each function's keyword-only arguments are what a study may say under `task.model`. A builder's
positional one, the number of tokens, comes from the data; it is annotated to return Any, a
`transformers.PreTrainedModel`, so that its signature can be read without torch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import PositiveFloat, PositiveInt

from seedwise.contracts import Part
from seedwise.errors import DataError

if TYPE_CHECKING:
    import numpy as np

SPREAD = 0.02
"""Standard deviation of drawn weights, that of GPT-2 and Llama."""


def llama(
    vocabulary: int,
    *,
    width: PositiveInt = 64,
    layers: PositiveInt = 2,
    heads: PositiveInt = 4,
    inner: PositiveInt = 128,
    context: PositiveInt = 256,
) -> Any:
    """Build a Llama: rotary positions, RMS norms, gated layers, tied embeddings, no dropout.

    Args:
        vocabulary: Number of tokens.
        width: Width of the hidden states; a multiple of twice the heads.
        layers: Number of layers.
        heads: Attention heads.
        inner: Width of the gated layers.
        context: Most tokens of a sequence.

    Raises:
        DataError: If the heads do not divide the width.
    """
    from transformers import LlamaConfig, LlamaForCausalLM

    _check_heads(width, 2 * heads)
    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        intermediate_size=inner,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        max_position_embeddings=context,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=0,
    )
    return LlamaForCausalLM._from_config(config, attn_implementation="eager")


def gpt2(
    vocabulary: int,
    *,
    width: PositiveInt = 64,
    layers: PositiveInt = 2,
    heads: PositiveInt = 4,
    context: PositiveInt = 256,
) -> Any:
    """Build a GPT-2: learnt positions, layer norms, tied embeddings, no dropout.

    Args:
        vocabulary: Number of tokens.
        width: Width of the hidden states; a multiple of the heads.
        layers: Number of layers.
        heads: Attention heads.
        context: Most tokens of a sequence.

    Raises:
        DataError: If the heads do not divide the width.
    """
    from transformers import GPT2Config, GPT2LMHeadModel

    _check_heads(width, heads)
    config = GPT2Config(
        vocab_size=vocabulary,
        n_embd=width,
        n_layer=layers,
        n_head=heads,
        n_positions=context,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        bos_token_id=None,
        eos_token_id=0,
    )
    return GPT2LMHeadModel._from_config(config, attn_implementation="eager")


def pretrained(
    *,
    path: Path | None = None,
    hub: str | None = None,
    revision: str | None = None,
    chat: bool = True,
    lora: PositiveInt | None = None,
    lora_alpha: PositiveFloat | None = None,
    lora_targets: tuple[str, ...] | None = None,
    precision: Literal["float32", "bfloat16"] = "float32",
    checkpointing: bool = False,
    attention: Literal["eager", "sdpa"] = "eager",
    devices: Literal["one", "all"] = "one",
) -> dict[str, Any]:
    """Start from any causal model of `transformers`, with its own tokenizer.

    Every training seed finetunes the same weights in an order of its own, with adapters also from
    a draw of its own. Dropout is off. Weights are read from safetensors alone, and code that comes
    with a model is never run.

    Args:
        path: The model's directory, as `save_pretrained` writes it.
        hub: Its id on the Hugging Face hub instead; it is downloaded into the hub's cache.
        revision: Branch, tag or commit on the hub; give a commit for a study to be repeatable.
        chat: Whether the tokenizer's chat template is used where it has one.
        lora: Rank of adapters to train instead of all parameters (needs `peft`).
        lora_alpha: Scale of the adapters, times the rank; by default twice the rank.
        lora_targets: Ends of the names of the layers with adapters, e.g. [q_proj, v_proj]; by
            default all linear layers but the output.
        precision: `bfloat16` computes products in it. What is trained stays float32, since
            updates of usual sizes vanish in bfloat16; the weights beneath adapters are held in it.
        checkpointing: Whether activations are computed again in the backward pass: a third more
            time for much less memory.
        attention: `sdpa` is faster, `eager` deterministic on a GPU.
        devices: `all` deals the layers to all GPUs (needs `accelerate`); use one worker then.
    """
    return dict(locals())


MODELS: Mapping[str, Callable[..., Any]] = {"gpt2": gpt2, "llama": llama, "pretrained": pretrained}


def model_files(part: Part) -> list[Path]:
    """Return the files that a pretrained model is read from, and what says which commit it is."""
    if part.name != "pretrained":
        return []
    if part.arguments["path"] is None:
        from seedwise.domains.language.hub import branch_file, downloaded

        folder = downloaded(part.arguments["hub"], part.arguments["revision"])
        return [branch_file(folder, part.arguments["revision"])]
    folder = Path(part.arguments["path"])
    return sorted(path for path in folder.glob("*") if path.suffix in (".safetensors", ".json"))


def blank(part: Part, vocabulary: int) -> Any:
    """Build a model whose parameters are not set yet; torch's global generator stays as it was."""
    import torch

    with torch.random.fork_rng(devices=[]):
        model = MODELS[part.name](vocabulary, **part.arguments)
    return at_rest(model)


def at_rest(model: Any) -> Any:
    """Return a model in evaluation mode that keeps no keys and values unless it is asked to."""
    model.config.use_cache = False
    return model.eval()


def initialise(model: Any, generator: np.random.Generator) -> None:
    """Draw matrices from N(0, .02), set gains to 1 and biases to 0.

    GPT-2's own start draws the projections back into the residual stream with a smaller spread;
    here all matrices are alike.
    """
    import torch

    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.ndim > 1:
                values = generator.normal(scale=SPREAD, size=tuple(parameter.shape))
                parameter.copy_(torch.from_numpy(values))
            else:
                parameter.fill_(0.0 if name.endswith("bias") else 1.0)


def _check_heads(width: int, parts: int) -> None:
    if width % parts:
        raise DataError(f"width {width} must be a multiple of {parts} for this number of heads")
