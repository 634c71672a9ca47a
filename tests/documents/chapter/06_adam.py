kcore.optimizers.Adam(
    learning_rate=0.001,     # Learning rate for the optimizer
    beta_1=0.9,             # Exponential decay rate for the first moment estimates
    beta_2=0.999,           # Exponential decay rate for the second moment estimates
    amsgrad=False           # Whether to apply AMSGrad variant
)
