kcore.optimizers.SGD(learning_rate=0.01, momentum=0.0, nesterov=False)
