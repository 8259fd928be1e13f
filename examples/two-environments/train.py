print("training on bids")
