package org.pillion.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * Imports go one way: server → model-registry, feature-store → scoring-api ← pmml-document ←
 * engines.
 */
@AnalyzeClasses(packages = "org.pillion", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
  private static final String API = "org.pillion.scoring";
  private static final String ENGINES = "org.pillion.scoring.*..";
  private static final String DOCUMENT = "org.pillion.pmml..";
  private static final String SPARK = "org.pillion.scoring.spark..";
  private static final String PMML = "org.pillion.scoring.pmml..";
  private static final String REGISTRY = "org.pillion.registry..";
  private static final String FEATURES = "org.pillion.features..";
  private static final String SERVER = "org.pillion.server..";
  private static final String RANKER = "org.pillion.ranker..";
  private static final String EMBEDDED = "org.pillion.embedded..";
  private static final String CLIENT = "org.pillion.client..";
  private static final String RECOMMENDER = "org.pillion.recommender..";
  private static final String PROTOCOL = "org.pillion.server.protocol..";

  @ArchTest
  static final ArchRule THE_API_USES_THE_JDK_ONLY =
      classes()
          .that()
          .resideInAPackage(API)
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(API, "java..");

  @ArchTest
  static final ArchRule ENGINES_USE_OF_OURS_THE_API_ONLY =
      noClasses()
          .that()
          .resideInAPackage(ENGINES)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(REGISTRY, FEATURES, SERVER);

  @ArchTest
  static final ArchRule ENGINES_DO_NOT_KNOW_EACH_OTHER =
      slices().matching("org.pillion.scoring.(*)..").should().notDependOnEachOther();

  @ArchTest
  static final ArchRule THE_REGISTRY_USES_OF_OURS_THE_API_ONLY =
      noClasses()
          .that()
          .resideInAPackage(REGISTRY)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ENGINES, DOCUMENT, FEATURES, SERVER);

  @ArchTest
  static final ArchRule FEATURES_USE_OF_OURS_THE_API_ONLY =
      noClasses()
          .that()
          .resideInAPackage(FEATURES)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ENGINES, DOCUMENT, REGISTRY, SERVER);

  @ArchTest
  static final ArchRule ONLY_FEATURES_KNOW_THE_STORES_CLIENT_AND_RECORDS =
      noClasses()
          .that()
          .resideOutsideOfPackage(FEATURES)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.lettuce..", "org.msgpack..", "reactor..");

  @ArchTest
  static final ArchRule THE_SERVER_DOES_NOT_KNOW_THE_ENGINES =
      noClasses()
          .that()
          .resideInAPackage(SERVER)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ENGINES, DOCUMENT);

  @ArchTest
  static final ArchRule ONLY_THE_SERVER_ITS_CLIENT_AND_FEATURES_SEE_THE_NETWORK =
      noClasses()
          .that()
          .resideOutsideOfPackages(SERVER, CLIENT, FEATURES)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.vertx..", "io.netty..", "java.net.http..");

  @ArchTest
  static final ArchRule ONLY_THE_INTERPRETER_SEES_JPMML =
      noClasses()
          .that()
          .resideOutsideOfPackage("org.pillion.scoring.jpmml..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.jpmml..", "org.dmg..", "jakarta.xml.bind..");

  @ArchTest
  static final ArchRule A_RANKER_NEEDS_THE_JDK_AND_THE_API_ONLY =
      classes()
          .that()
          .resideInAPackage(RANKER)
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(API, RANKER, "java..");

  @ArchTest
  static final ArchRule THE_EMBEDDED_RANKER_FINDS_ITS_ENGINES =
      noClasses()
          .that()
          .resideInAPackage(EMBEDDED)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ENGINES, DOCUMENT, FEATURES, SERVER);

  @ArchTest
  static final ArchRule THE_CLIENT_USES_OF_OURS_THE_RANKER_AND_THE_PROTOCOL_ONLY =
      classes()
          .that()
          .resideInAPackage(CLIENT)
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              API,
              RANKER,
              CLIENT,
              PROTOCOL,
              "java..",
              "javax.net.ssl..",
              "io.vertx..",
              "com.google.protobuf..");

  @ArchTest
  static final ArchRule THE_RECOMMENDER_DOES_NOT_KNOW_WHERE_THE_ENGINE_RUNS =
      noClasses()
          .that()
          .resideInAPackage(RECOMMENDER)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ENGINES, DOCUMENT, REGISTRY, EMBEDDED, CLIENT, SERVER);

  @ArchTest
  static final ArchRule DOCUMENTS_USE_OF_OURS_THE_API_ONLY =
      classes()
          .that()
          .resideInAPackage(DOCUMENT)
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(API, DOCUMENT, "java..", "javax.xml.stream..");

  @ArchTest
  static final ArchRule BARE_DOCUMENTS_NEED_THE_JDK_ONLY =
      classes()
          .that()
          .resideInAPackage(PMML)
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(API, DOCUMENT, PMML, "java..");

  /** Spark takes one function, the probit link's, from elsewhere than the JDK, and so do we. */
  private static final String ERROR_FUNCTION = "org.apache.commons.math3.special";

  private static final String COSINE_TRANSFORM = "org.jtransforms.dct";

  @ArchTest
  static final ArchRule A_SPARK_PLAN_NEEDS_THE_JDK_AND_TWO_FUNCTIONS_OF_SPARKS_LIBRARIES_ONLY =
      classes()
          .that()
          .resideInAPackage(SPARK)
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(API, DOCUMENT, SPARK, "java..", ERROR_FUNCTION, COSINE_TRANSFORM);

  @ArchTest
  static final ArchRule PACKAGES_HAVE_NO_CYCLES =
      slices().matching("org.pillion.(**)").should().beFreeOfCycles();
}
