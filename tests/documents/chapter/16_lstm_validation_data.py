x_val = np.random.random((100, 4, 8))
y_val = np.random.random((100, 10))
