model.compile(
   loss='categorical_crossentropy',
   optimizer='sgd',
   metrics=['accuracy']
)
