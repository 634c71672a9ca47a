x_train = x_train.reshape(60000, 784)
x_test = x_test.reshape(10000, 784)
x_train = x_train.astype('float32')
x_test = x_test.astype('float32')
x_train /= 255
x_test /= 255

y_train = kcore.utils.to_categorical(y_train, 10)
y_test = kcore.utils.to_categorical(y_test, 10)
