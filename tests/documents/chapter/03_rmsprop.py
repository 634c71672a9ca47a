kcore.optimizers.RMSprop(learning_rate=0.001, rho=0.9)
