package org.pillion.scoring.jpmml;

import org.dmg.pmml.PMML;
import org.jpmml.evaluator.FieldNameSet;
import org.jpmml.evaluator.ModelEvaluator;
import org.jpmml.evaluator.ModelEvaluatorBuilder;
import org.jpmml.model.PMMLException;
import org.jpmml.model.UnsupportedMarkupException;
import org.pillion.scoring.Engine;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.Scorer;
import org.pillion.scoring.ScoringException;
import org.pillion.scoring.UnsupportedElement;

/** The interpreter: evaluates a document element by element, in JPMML's own arithmetic. */
public final class JpmmlEngine implements Engine {
  /** The engine's name. */
  static final String NAME = "jpmml";

  /** Longest chain of derived fields, or of calls to a document's own functions. */
  private static final int MAX_REFERENCE_CHAIN = 256;

  private final DocumentReader reader;

  /** The engine with limits from the system properties, see {@link DocumentLimits}. */
  public JpmmlEngine() {
    this(DocumentLimits.configured());
  }

  JpmmlEngine(DocumentLimits limits) {
    reader = new DocumentReader(limits);
  }

  @Override
  public String name() {
    return NAME;
  }

  /** After every other, since it supports the most and is the slowest. */
  @Override
  public int precedence() {
    return 100;
  }

  @Override
  public Scorer load(byte[] pmml) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    // JAXB looks for its runtime on the context class loader, which inside another program's JVM
    // may well find that program's instead of ours.
    thread.setContextClassLoader(JpmmlEngine.class.getClassLoader());
    try {
      return scorer(reader.read(pmml));
    } catch (UnsupportedMarkupException e) {
      throw unsupported(e);
    } catch (ScoringException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new InvalidModel("the document is not a usable model: " + reason(e), e);
    } catch (StackOverflowError e) {
      throw new InvalidModel("the document is nested too deeply, or refers to itself", e);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static Scorer scorer(PMML document) {
    if (!document.hasModels()) {
      throw new UnsupportedElement(
          "PMML",
          "the document has no model that the interpreter could evaluate; where it has a Spark plan,"
              + " the engine 'compiled' computes that");
    }
    ModelEvaluator<?> evaluator =
        new ModelEvaluatorBuilder(document)
            .setDerivedFieldGuard(new FieldNameSet(MAX_REFERENCE_CHAIN))
            .setFunctionGuard(new FieldNameSet(MAX_REFERENCE_CHAIN))
            .build();
    JpmmlScorer scorer = new JpmmlScorer(evaluator, ContractReader.read(evaluator));
    Probe.check(scorer);
    return scorer;
  }

  /** JPMML has its own exceptions for most faults of a document, and the JDK's for the others. */
  private static String reason(RuntimeException e) {
    String message = e.getMessage();
    if (e instanceof PMMLException && message != null) {
      return message;
    }
    String kind = e.getClass().getSimpleName();
    return message == null
        ? "the interpreter fails on it with a " + kind
        : "the interpreter fails on '" + message + "' in it with a " + kind;
  }

  private static UnsupportedElement unsupported(UnsupportedMarkupException e) {
    String message = e.getMessage();
    return new UnsupportedElement(message, "the interpreter does not support this: " + message);
  }
}
