from kcore import optimizers
