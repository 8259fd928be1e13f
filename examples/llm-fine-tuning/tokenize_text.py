"""Turn the conversations into token ids once, so that GPUs do not wait for it in every run."""

from datasets import load_dataset
from transformers import AutoTokenizer

LENGTH = 2048

tokenizer = AutoTokenizer.from_pretrained("/opt/ml/processing/input/base")
text = load_dataset("json", data_dir="/opt/ml/processing/input/text", split="train")


def encode(batch: dict) -> dict:
    texts = [f"{q}\n\n{a}{tokenizer.eos_token}" for q, a in zip(batch["question"], batch["answer"], strict=True)]
    return tokenizer(texts, truncation=True, max_length=LENGTH)


tokens = text.map(encode, batched=True, num_proc=16, remove_columns=text.column_names)
split = tokens.train_test_split(test_size=0.02, seed=7)
split.save_to_disk("/opt/ml/processing/output/tokens")
print(f"{len(split['train'])} conversations for training, {len(split['test'])} for evaluation")
