import kcore
from kcore.datasets import mnist
from kcore.models import Sequential
from kcore.layers import Dense, Dropout
from kcore.optimizers import RMSprop
import numpy as np
