from kcore.layers import LSTM, Dense

# Add a sequence of vectors of dimension 16
model.add(LSTM(16, return_sequences=True))
model.add(Dense(10, activation='softmax'))
