"""The rule pack 规则包: the law and the departments' contracts as dated, cited data."""
