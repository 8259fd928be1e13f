print("tokenizing /opt/ml/processing/input/text")
