from kcore import losses
