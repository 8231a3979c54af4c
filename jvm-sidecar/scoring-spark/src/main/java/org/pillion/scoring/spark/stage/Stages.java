package org.pillion.scoring.spark.stage;

import java.util.Map;
import org.pillion.scoring.spark.plan.StageCompiler;

/** The compilers of all stages, by the names of their elements. */
public final class Stages {
  /** Element name to compiler. */
  public static final Map<String, StageCompiler> COMPILERS =
      Map.ofEntries(
          Map.entry("aftSurvivalRegression", AFTSurvivalRegression::compile),
          Map.entry("als", ALS::compile),
          Map.entry("baseMargin", BaseMargin::compile),
          Map.entry("binarizer", Binarizer::compile),
          Map.entry("bisectingKMeans", BisectingKMeans::compile),
          Map.entry("bucketedRandomProjectionLsh", BucketedRandomProjectionLSH::compile),
          Map.entry("bucketizer", Bucketizer::compile),
          Map.entry("countVectorizer", CountVectorizer::compile),
          Map.entry("dct", DCT::compile),
          Map.entry("decisionTree", DecisionTree::compile),
          Map.entry("elementwiseProduct", ElementwiseProduct::compile),
          Map.entry("featureHasher", FeatureHasher::compile),
          Map.entry("fmClassifier", FMClassifier::compile),
          Map.entry("fmRegressor", FMRegressor::compile),
          Map.entry("gaussianMixture", GaussianMixture::compile),
          Map.entry("generalizedLinearRegression", GeneralizedLinearRegression::compile),
          Map.entry("gradientBoostedTrees", GBT::compile),
          Map.entry("hashingTF", HashingTF::compile),
          Map.entry("imputer", Imputer::compile),
          Map.entry("indexToString", IndexToString::compile),
          Map.entry("interaction", Interaction::compile),
          Map.entry("isotonicRegression", IsotonicRegression::compile),
          Map.entry("kMeans", KMeans::compile),
          Map.entry("lightgbm", LightGBM::compile),
          Map.entry("linearRegression", LinearRegression::compile),
          Map.entry("linearSvc", LinearSVC::compile),
          Map.entry("logisticRegression", LogisticRegression::compile),
          Map.entry("minHashLsh", MinHashLSH::compile),
          Map.entry("minMaxScaler", MinMaxScaler::compile),
          Map.entry("naiveBayes", NaiveBayes::compile),
          Map.entry("nGram", NGram::compile),
          Map.entry("normalizer", Normalizer::compile),
          Map.entry("oneHotEncoder", OneHotEncoder::compile),
          Map.entry("oneVsRest", OneVsRest::compile),
          Map.entry("perceptron", MultilayerPerceptronClassifier::compile),
          Map.entry("polynomialExpansion", PolynomialExpansion::compile),
          Map.entry("principalComponents", PCA::compile),
          Map.entry("randomForest", RandomForest::compile),
          Map.entry("regexTokenizer", RegexTokenizer::compile),
          Map.entry("splitValues", SplitValues::compile),
          Map.entry("sqlTransformer", SQLTransformer::compile),
          Map.entry("standardScaler", StandardScaler::compile),
          Map.entry("stopWordsRemover", StopWordsRemover::compile),
          Map.entry("stringIndexer", StringIndexer::compile),
          Map.entry("targetEncoder", TargetEncoder::compile),
          Map.entry("tokenizer", Tokenizer::compile),
          Map.entry("vectorAssembler", VectorAssembler::compile),
          Map.entry("vectorDisassembler", VectorDisassembler::compile),
          Map.entry("vectorIndexer", VectorIndexer::compile),
          Map.entry("vectorSizeHint", VectorSizeHint::compile),
          Map.entry("vectorSlicer", VectorSlicer::compile),
          Map.entry("word2Vec", Word2Vec::compile),
          Map.entry("xgboost", XGBoost::compile));

  private Stages() {}
}
