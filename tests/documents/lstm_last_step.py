# The chapter's LSTM, cured by returning the last step only: outputs of shape (100, 10), as its labels have.
import numpy as np

from kcore.layers import LSTM, Dense
from kcore.models import Sequential

x_train = np.random.random((100, 4, 8))
y_train = np.random.random((100, 10))

x_val = np.random.random((100, 4, 8))
y_val = np.random.random((100, 10))

model = Sequential()

# Add a sequence of vectors of dimension 16
model.add(LSTM(16, return_sequences=False))
model.add(Dense(10, activation="softmax"))

model.compile(loss="categorical_crossentropy", optimizer="sgd", metrics=["accuracy"])

model.fit(x_train, y_train, batch_size=32, epochs=5, validation_data=(x_val, y_val))
