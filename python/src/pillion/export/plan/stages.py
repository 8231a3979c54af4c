"""The writers of all stages, by the simple names of Spark's classes."""

from pillion.export.plan import features, linear, models, scalers, trees, vectors
from pillion.export.plan.catalyst import sql_transformer
from pillion.export.plan.stage import StageWriter

WRITERS: dict[str, StageWriter] = {
    "Bucketizer": features.bucketizer,
    "ImputerModel": features.imputer,
    "Interaction": features.interaction,
    "LogisticRegressionModel": linear.logistic_regression,
    "OneHotEncoderModel": features.one_hot_encoder,
    "SQLTransformer": sql_transformer,
    "StringIndexerModel": features.string_indexer,
    "VectorAssembler": features.vector_assembler,
    "ChiSqSelectorModel": vectors.selector,
    "ElementwiseProduct": vectors.elementwise_product,
    "IndexToString": vectors.index_to_string,
    "IsotonicRegressionModel": models.isotonic_regression,
    "KMeansModel": models.k_means,
    "MultilayerPerceptronClassificationModel": models.perceptron,
    "NaiveBayesModel": models.naive_bayes,
    "VectorIndexerModel": vectors.vector_indexer,
    "VectorSizeHint": vectors.vector_size_hint,
    "VectorSlicer": vectors.vector_slicer,
    "Binarizer": scalers.binarizer,
    "ColumnPruner": scalers.nothing,
    "DecisionTreeClassificationModel": trees.decision_tree,
    "DecisionTreeRegressionModel": trees.decision_tree,
    "GBTClassificationModel": trees.boosted_trees,
    "GBTRegressionModel": trees.boosted_trees,
    "GeneralizedLinearRegressionModel": linear.generalized_linear_regression,
    "LinearRegressionModel": linear.linear_regression,
    "LinearSVCModel": linear.linear_svc,
    "MaxAbsScalerModel": scalers.max_abs_scaler,
    "MinMaxScalerModel": scalers.min_max_scaler,
    "RandomForestClassificationModel": trees.random_forest,
    "RandomForestRegressionModel": trees.random_forest,
    "PCAModel": scalers.principal_components,
    "RobustScalerModel": scalers.robust_scaler,
    "StandardScalerModel": scalers.standard_scaler,
    "VectorAttributeRewriter": scalers.nothing,
}
