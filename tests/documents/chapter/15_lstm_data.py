import numpy as np

x_train = np.random.random((100, 4, 8))
y_train = np.random.random((100, 10))
