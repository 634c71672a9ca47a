from kcore import losses
from kcore import optimizers
from kcore import metrics

model.compile(
    loss='mean_squared_error',
    optimizer='sgd',
    metrics=[metrics.categorical_accuracy]
)
