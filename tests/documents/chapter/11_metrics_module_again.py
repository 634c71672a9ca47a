from kcore import metrics
