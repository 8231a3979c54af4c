package org.pillion.scoring.spark.stage;

import java.util.Map;
import org.pillion.scoring.spark.plan.StageCompiler;

/** The compilers of all stages, by the names of their elements. */
public final class Stages {
  /** Element name to compiler. */
  public static final Map<String, StageCompiler> COMPILERS =
      Map.ofEntries(
          Map.entry("bucketizer", Bucketizer::compile),
          Map.entry("imputer", Imputer::compile),
          Map.entry("interaction", Interaction::compile),
          Map.entry("logisticRegression", LogisticRegression::compile),
          Map.entry("oneHotEncoder", OneHotEncoder::compile),
          Map.entry("sqlTransformer", SqlTransformer::compile),
          Map.entry("stringIndexer", StringIndexer::compile),
          Map.entry("vectorAssembler", VectorAssembler::compile),
          Map.entry("elementwiseProduct", ElementwiseProduct::compile),
          Map.entry("indexToString", IndexToString::compile),
          Map.entry("isotonicRegression", IsotonicRegression::compile),
          Map.entry("kMeans", KMeans::compile),
          Map.entry("naiveBayes", NaiveBayes::compile),
          Map.entry("perceptron", Perceptron::compile),
          Map.entry("vectorIndexer", VectorIndexer::compile),
          Map.entry("vectorSizeHint", VectorSizeHint::compile),
          Map.entry("vectorSlicer", VectorSlicer::compile),
          Map.entry("binarizer", Binarizer::compile),
          Map.entry("decisionTree", TreeModels::decisionTree),
          Map.entry("generalizedLinearRegression", LinearModels::generalized),
          Map.entry("gradientBoostedTrees", TreeModels::gradientBoostedTrees),
          Map.entry("linearRegression", LinearModels::regression),
          Map.entry("linearSvc", LinearModels::supportVectors),
          Map.entry("minMaxScaler", Scalers::minMax),
          Map.entry("principalComponents", PrincipalComponents::compile),
          Map.entry("randomForest", TreeModels::randomForest),
          Map.entry("standardScaler", Scalers::standard));

  private Stages() {}
}
