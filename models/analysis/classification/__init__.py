"""Classification of market subjects (企业信用风险分类): indicators, levels, a model and its validation."""
