from kcore.models import Sequential
model = Sequential()
