package org.pillion.server.inference;

import java.util.function.BiConsumer;
import org.pillion.registry.Catalog;
import org.pillion.registry.ModelVersion;
import org.pillion.registry.VersionStatus;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.InputField;
import org.pillion.server.metrics.LiveVersions;
import org.pillion.server.metrics.Metrics;
import org.pillion.server.metrics.Statistics;

/** The versions and the values that the warm-up of every protocol uses. */
public final class Warmup {
  private Warmup() {}

  /** Runs calls on every version that can serve, with a service whose metrics are discarded. */
  public static void forEach(Catalog catalog, BiConsumer<InferService, ModelVersion> calls) {
    LiveVersions live = new LiveVersions();
    InferService service =
        new InferService(new Metrics(live), new Statistics(live), new BlockScorer(1 << 20));
    for (VersionStatus status : catalog.statuses()) {
      catalog.version(status.id()).ifPresent(model -> calls.accept(service, model));
    }
  }

  /** A column of one row, in which the value is missing. */
  public static Column missing(InputField field) {
    ColumnBuilder column = new ColumnBuilder(field.name(), field.type());
    column.addMissing();
    return column.build();
  }
}
