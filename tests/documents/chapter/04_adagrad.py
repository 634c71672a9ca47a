kcore.optimizers.Adagrad(learning_rate=0.01)
