package org.pillion.registry;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.Engines;
import org.pillion.scoring.ItemTable;
import org.pillion.scoring.Scorer;
import org.pillion.scoring.ScoringException;
import org.pillion.scoring.UnsupportedElement;

/** Loads a version from its files: verifies and warms it, or refuses it with a reason. */
final class VersionLoader {
  /** System property: the longest item table that is read, in bytes. */
  private static final String MAX_ITEMS = "pillion.items.maxBytes";

  private static final long MAX_ITEMS_BYTES = Long.getLong(MAX_ITEMS, 64L << 20);

  private static final int BLOCK_BYTES = 1 << 16;

  private final Engines engines;
  private final Optional<String> engine;

  /**
   * A loader.
   *
   * @param engine the engine for every version, or empty for the one that its manifest says
   */
  VersionLoader(Engines engines, Optional<String> engine) {
    this.engines = engines;
    this.engine = engine;
  }

  /**
   * The outcome of a load.
   *
   * @param version what can serve, or empty when it was refused
   * @param status its status
   * @param unread whether it was refused since a file could not be read, which may pass
   */
  record Outcome(Optional<ModelVersion> version, VersionStatus status, boolean unread) {}

  Outcome load(VersionId id, VersionFolder folder) {
    long start = System.nanoTime();
    try {
      Verified verified = verified(id, folder.path());
      String engine = verified.scorer.engine();
      VersionStatus status =
          new VersionStatus(
              id,
              VersionStatus.State.READY,
              verified.passedOver,
              engine,
              millisSince(start),
              verified.rows);
      return new Outcome(
          Optional.of(
              new ModelVersion(
                  id,
                  verified.scorer,
                  verified.ranking,
                  verified.items,
                  verified.sources,
                  verified.document,
                  Optional.of(verified.sample))),
          status,
          false);
    } catch (IOException e) {
      return refused(id, e.getMessage(), start, true);
    } catch (VersionRefused | ScoringException e) {
      return refused(id, e.getMessage(), start, false);
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      // A bad version must not stop the others.
      return refused(id, "loading it failed with " + e, start, false);
    }
  }

  private Verified verified(VersionId id, Path folder) throws VersionRefused, IOException {
    Manifest manifest = Manifest.read(read(folder, VersionFolder.MANIFEST));
    if (!manifest.id().equals(id)) {
      throw new VersionRefused(
          "the manifest is for version %d of '%s', but the folder for version %d of '%s'"
              .formatted(manifest.id().version(), manifest.id().model(), id.version(), id.model()));
    }
    if (manifest.engine().equals(Manifest.NO_ENGINE)) {
      throw new VersionRefused(
          "it is cleared for no engine: when it was exported, none gave what Spark gave");
    }
    // Each file is read once, so that the bytes that were hashed are the bytes that are used.
    byte[] pmml = intact(folder, VersionFolder.MODEL, manifest.modelSha256());
    byte[] rows = intact(folder, VersionFolder.VERIFICATION, manifest.verificationSha256());
    Engines.Choice choice = engines.choose(engine.orElse(manifest.engine()), pmml);
    Scorer scorer = choice.scorer();
    ContractCheck.check(manifest, scorer.contract());
    VerificationSet verification =
        VerificationSet.read(rows, scorer.contract(), manifest.planOutputs());
    Agreement agreement = scorer.arithmetic().exact() ? Agreement.EXACT : Agreement.INTERPRETED;
    new Verifier(agreement, manifest.explainedFor(scorer.engine())).verify(scorer, verification);
    Warmup.run(scorer, verification);
    return new Verified(
        scorer,
        Optional.ofNullable(manifest.ranking()),
        items(folder, manifest, scorer),
        manifest.sources(),
        Document.of(pmml),
        verification.sample(),
        verification.rows(),
        passedOver(choice));
  }

  private static Optional<ItemTable> items(Path folder, Manifest manifest, Scorer scorer)
      throws VersionRefused, IOException {
    if (manifest.itemsSha256() == null) {
      return Optional.empty();
    }
    byte[] table = intact(folder, VersionFolder.ITEMS, manifest.itemsSha256());
    return Optional.of(ItemFile.read(table, scorer.contract()));
  }

  /** Why a slower engine than the first serves the version; empty when the first does. */
  private static String passedOver(Engines.Choice choice) {
    return choice.refusals().stream()
        .map(UnsupportedElement::getMessage)
        .collect(Collectors.joining("; "));
  }

  private static byte[] intact(Path folder, String file, String sha256)
      throws VersionRefused, IOException {
    byte[] content = read(folder, file);
    if (!Sha256.of(content).equals(sha256)) {
      throw new VersionRefused(file + " does not have the SHA-256 that the manifest lists");
    }
    return content;
  }

  /**
   * Reads a file.
   *
   * @throws VersionRefused when it is not there, or too long
   * @throws IOException saying in one sentence that it cannot be read
   */
  private static byte[] read(Path folder, String file) throws VersionRefused, IOException {
    Path path = folder.resolve(file);
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      if (!attributes.isRegularFile()) {
        throw new VersionRefused(file + " is not a file");
      }
      if (file.equals(VersionFolder.ITEMS) && attributes.size() > MAX_ITEMS_BYTES) {
        throw new VersionRefused(
            "%s has %d bytes, more than the %d of the property %s"
                .formatted(file, attributes.size(), MAX_ITEMS_BYTES, MAX_ITEMS));
      }
      return content(path, Math.toIntExact(attributes.size()));
    } catch (NoSuchFileException e) {
      throw new VersionRefused(file + " is missing");
    } catch (IOException e) {
      throw new IOException(FolderProblem.unreadable(file, e), e);
    }
  }

  /**
   * A file's bytes, read in blocks: the JVM keeps as much direct memory for a thread as it has read
   * at once, and a sidecar has little of it.
   */
  private static byte[] content(Path path, int length) throws IOException {
    byte[] content = new byte[length];
    try (InputStream stream = Files.newInputStream(path)) {
      int read;
      for (int at = 0; at < length; at += read) {
        read = stream.read(content, at, Math.min(BLOCK_BYTES, length - at));
        if (read < 0) {
          return Arrays.copyOf(content, at);
        }
      }
    }
    return content;
  }

  private static Outcome refused(VersionId id, String reason, long start, boolean unread) {
    return new Outcome(
        Optional.empty(),
        new VersionStatus(id, VersionStatus.State.UNAVAILABLE, reason, "", millisSince(start), 0),
        unread);
  }

  private static long millisSince(long start) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
  }

  private record Verified(
      Scorer scorer,
      Optional<Ranking> ranking,
      Optional<ItemTable> items,
      Map<String, String> sources,
      Document document,
      ColumnBatch sample,
      int rows,
      String passedOver) {}
}
