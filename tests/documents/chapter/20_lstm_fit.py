model.fit(
   x_train,
   y_train,
   batch_size=32,
   epochs=5,
   validation_data=(x_val, y_val)
)
