package org.pillion.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Imports go one way: server → model-registry → scoring-api ← engines. */
@AnalyzeClasses(packages = "org.pillion", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
  private static final String API = "org.pillion.scoring";
  private static final String ENGINES = "org.pillion.scoring.*..";
  private static final String COMPILED = "org.pillion.scoring.compiled";
  private static final String REGISTRY = "org.pillion.registry..";
  private static final String SERVER = "org.pillion.server..";

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
          .resideInAnyPackage(REGISTRY, SERVER);

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
          .resideInAnyPackage(ENGINES, SERVER);

  @ArchTest
  static final ArchRule THE_SERVER_DOES_NOT_KNOW_THE_ENGINES =
      noClasses()
          .that()
          .resideInAPackage(SERVER)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(ENGINES);

  @ArchTest
  static final ArchRule ONLY_THE_SERVER_SEES_THE_NETWORK =
      noClasses()
          .that()
          .resideOutsideOfPackage(SERVER)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.vertx..", "io.netty..", "java.net.http..");

  @ArchTest
  static final ArchRule ONLY_THE_INTERPRETER_SEES_THE_EVALUATOR =
      noClasses()
          .that()
          .resideOutsideOfPackage("org.pillion.scoring.jpmml..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.jpmml.evaluator..");

  @ArchTest
  static final ArchRule ONLY_THE_ENGINES_SEE_THE_OBJECT_MODEL =
      noClasses()
          .that()
          .resideOutsideOfPackages("org.pillion.scoring.jpmml..", COMPILED + ".pmml..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.jpmml..", "org.dmg..", "jakarta.xml.bind..");

  /** Spark takes one function, the probit link's, from elsewhere than the JDK, and so do we. */
  private static final String ERROR_FUNCTION = "org.apache.commons.math3.special";

  @ArchTest
  static final ArchRule A_SPARK_PLAN_NEEDS_THE_JDK_AND_SPARKS_ERROR_FUNCTION_ONLY =
      classes()
          .that()
          .resideInAnyPackage(COMPILED + ".spark..", COMPILED + ".document..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              API,
              COMPILED + ".spark..",
              COMPILED + ".document..",
              "java..",
              "javax.xml.stream..",
              ERROR_FUNCTION)
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule PACKAGES_HAVE_NO_CYCLES =
      slices().matching("org.pillion.(**)").should().beFreeOfCycles();
}
