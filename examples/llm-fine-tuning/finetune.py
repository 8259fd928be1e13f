"""LoRA on all GPUs of all nodes; torchrun starts one process a GPU. Goes on from the last checkpoint."""

import json
from pathlib import Path

from datasets import load_from_disk
from peft import LoraConfig, get_peft_model
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    DataCollatorForLanguageModeling,
    Trainer,
    TrainingArguments,
)

ML = Path("/opt/ml")
CHECKPOINTS = ML / "checkpoints"


def main() -> None:
    given = json.loads((ML / "input/config/hyperparameters.json").read_text())
    base = ML / "input/data/base"
    tokenizer = AutoTokenizer.from_pretrained(base)
    tokenizer.pad_token = tokenizer.eos_token
    model = AutoModelForCausalLM.from_pretrained(base, torch_dtype="auto")
    rank = int(given["lora.r"])
    model = get_peft_model(model, LoraConfig(r=rank, lora_alpha=2 * rank, task_type="CAUSAL_LM"))
    tokens = load_from_disk(ML / "input/data/tokens")
    trainer = Trainer(
        model=model,
        args=TrainingArguments(
            output_dir=str(CHECKPOINTS),  # kept in S3 while the job runs
            learning_rate=float(given["lr"]),
            num_train_epochs=float(given["epochs"]),
            bf16=given["bf16"] == "true",
            per_device_train_batch_size=4,
            gradient_checkpointing=True,
            eval_strategy="epoch",
            save_steps=200,
            logging_steps=20,
            report_to=[],
        ),
        train_dataset=tokens["train"],
        eval_dataset=tokens["test"],
        data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
    )
    trainer.train(resume_from_checkpoint=any(CHECKPOINTS.glob("checkpoint-*")))
    trainer.evaluate()  # the log line {'eval_loss': ...} is the metric
    if trainer.is_world_process_zero():
        model.merge_and_unload().save_pretrained(ML / "model")
        tokenizer.save_pretrained(ML / "model")


if __name__ == "__main__":
    main()
