"""MNIST by the documents' multi-layer perceptron: the accuracy on the test images after 20 epochs."""

import kcore
from kcore.datasets import mnist
from kcore.layers import Dense, Dropout
from kcore.models import Sequential
from kcore.optimizers import RMSprop

EPOCHS = 20


def main(seed: int) -> float:
    kcore.utils.set_random_seed(seed)
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    x_train = x_train.reshape(60000, 784).astype("float32") / 255
    x_test = x_test.reshape(10000, 784).astype("float32") / 255
    y_train = kcore.utils.to_categorical(y_train, 10)
    y_test = kcore.utils.to_categorical(y_test, 10)

    model = Sequential()
    model.add(Dense(512, activation="relu", input_shape=(784,)))
    model.add(Dropout(0.2))
    model.add(Dense(512, activation="relu"))
    model.add(Dropout(0.2))
    model.add(Dense(10, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer=RMSprop(), metrics=["accuracy"])

    validation = (x_test, y_test)
    history = model.fit(x_train, y_train, batch_size=128, epochs=EPOCHS, verbose=2, validation_data=validation)
    return history.history["val_accuracy"][-1]


if __name__ == "__main__":
    print(main(seed=1))
