kcore.optimizers.Adamax(
    learning_rate=0.002,     # Learning rate for the optimizer
    beta_1=0.9,             # Exponential decay rate for the first moment estimates
    beta_2=0.999            # Exponential decay rate for the second moment estimates
)
