print("{'loss': 1.52, 'eval_loss': 1.31}")
