kcore.optimizers.Adadelta(learning_rate=1.0, rho=0.95)
