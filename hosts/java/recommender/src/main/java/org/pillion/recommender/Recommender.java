package org.pillion.recommender;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.pillion.features.HostStore;
import org.pillion.features.Snapshot;
import org.pillion.features.UserSide;
import org.pillion.ranker.Deadline;
import org.pillion.ranker.InvalidRequest;
import org.pillion.ranker.Ranker;
import org.pillion.ranker.RankerException;

/**
 * Recommends items to a user, in time, from the best rung of the ladder that can: the model, the
 * user's answer computed ahead, what is popular in the request's segment, what is popular with
 * everybody.
 *
 * <p>Store and ranker are the caller's, who closes them. Any number of threads may ask.
 */
public final class Recommender implements AutoCloseable {
  private static final Logger LOG = System.getLogger("org.pillion.recommender");

  private final HostStore store;
  private final Ranker ranker;
  private final Builder settings;
  private final OnlineFields online;
  private final RetryBudget budget = new RetryBudget();
  private final Guard storeGuard;
  private final Guard rankerGuard;
  private final OnlineStep step;
  private final RequestRules rules;
  private final SnapshotWatch watch;

  private Recommender(Builder builder) {
    store = builder.store;
    ranker = builder.ranker;
    settings = builder;
    online = new OnlineFields(builder.online);
    storeGuard = new Guard("store", builder.storeGuard, budget);
    rankerGuard = new Guard("sidecar", builder.rankerGuard, budget);
    step =
        new OnlineStep(
            store,
            ranker,
            storeGuard,
            rankerGuard,
            online,
            builder.defaults,
            builder.candidateCount,
            builder.serving);
    rules =
        new RequestRules(
            builder.k, builder.maxK, builder.maxCandidates, builder.textUsers, builder.textItems);
    watch = new SnapshotWatch(store);
  }

  /**
   * A recommender.
   *
   * @param store has the features
   * @param ranker ranks
   * @param model the model of requests that name none
   */
  public static Builder of(HostStore store, Ranker ranker, String model) {
    return new Builder(store, ranker, model);
  }

  /** What a request may say of itself. */
  public OnlineFields online() {
    return online;
  }

  /** The feature version in use; empty before one was read. */
  public Optional<Snapshot> snapshot() {
    return store.snapshot();
  }

  /** The breakers of the store and of what ranks, for metrics and operators. */
  public List<CircuitBreaker> breakers() {
    return List.of(storeGuard.breaker(), rankerGuard.breaker());
  }

  /** The bulkheads of the same. */
  public List<Bulkhead> bulkheads() {
    return List.of(storeGuard.bulkhead(), rankerGuard.bulkhead());
  }

  /** What bounds the retries of both. */
  RetryBudget budget() {
    return budget;
  }

  /** The seconds since 1970 UTC by the recommender's clock. */
  double now() {
    return settings.clock.millis() / 1e3;
  }

  /**
   * Answers a request on the calling thread.
   *
   * @return an answer in any case; its source and reason say how good it is
   * @throws InvalidRequest when a field of the request is not as it must be; names it
   */
  public Recommendation recommend(RecommendRequest request) {
    long start = System.nanoTime();
    Duration limit = settings.deadline;
    if (request.deadline() != null && request.deadline().compareTo(limit) < 0) {
      limit = request.deadline();
    }
    Deadline deadline = Deadline.after(limit).less(settings.reserve);
    double now = now();
    rules.requireUser(request.userId());
    int k = rules.k(request.k());
    List<Object> given = rules.candidates(request.candidates());
    Map<String, Object> values = online.read(request.context(), now);
    requireModel(request.model(), deadline);
    Optional<Snapshot> snapshot = store.snapshot();
    if (snapshot.isEmpty()) {
      return told(
          new Recommendation(
              request.requestId(),
              request.userId(),
              List.of(),
              Source.POPULAR,
              "no_snapshot",
              null,
              0,
              null,
              null,
              List.of(),
              0,
              0,
              null,
              left(deadline),
              new Timings(0, 0, 0, 0, Timings.since(start))));
    }
    Snapshot version = snapshot.get();
    List<Object> known = given == null ? null : new ArrayList<>();
    List<Object> unknown = new ArrayList<>();
    for (Object item : given == null ? List.of() : given) {
      (version.has(item) ? known : unknown).add(item);
    }
    PreparedRequest prepared =
        new PreparedRequest(
            request,
            k,
            request.model() == null ? settings.model : request.model(),
            version,
            values,
            segment(version, values),
            known,
            unknown,
            deadline,
            start,
            now);
    return told(answer(prepared));
  }

  private Recommendation told(Recommendation answer) {
    settings.observer.accept(answer);
    return answer;
  }

  /** Milliseconds that are left of a request's time, the fallback's part with them. */
  private double left(Deadline deadline) {
    return (deadline.remainingNanos() + settings.reserve.toNanos()) / 1e6;
  }

  private Recommendation answer(PreparedRequest request) {
    Findings findings = new Findings();
    RungResult found;
    try {
      found = step.answer(request, findings);
    } catch (Unanswered e) {
      found = Fallback.answer(request, findings, e.reason());
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "a request failed unexpectedly", e);
      found = Fallback.answer(request, findings, "unexpected_error");
    }
    long ranking = System.nanoTime();
    List<ScoredItem> items = new ArrayList<>();
    for (int i = 0; i < found.items().size(); i++) {
      Object id = found.items().get(i);
      Double score = found.scores() == null ? null : found.scores().get(i);
      String title = request.snapshot().title(id);
      items.add(new ScoredItem(id, title == null ? findings.user.title(id) : title, score));
    }
    double rankMillis = Timings.since(ranking);
    // Before the store has answered, nobody knows which items it has.
    boolean asked = findings.user != UserSide.NOBODY;
    return new Recommendation(
        request.request().requestId(),
        request.request().userId(),
        items,
        found.source(),
        found.reason(),
        found.model(),
        found.version(),
        found.engine(),
        Math.max(0, request.now() - found.created()),
        asked ? unknown(request, findings) : List.of(),
        findings.seenItems,
        findings.unscoredItems,
        findings.seenShare,
        left(request.deadline()),
        new Timings(
            findings.fetchMillis,
            findings.assembleMillis,
            findings.scoreMillis,
            rankMillis,
            Timings.since(request.start())));
  }

  /** The candidates given that have no features, neither in memory nor in the store by now. */
  private static List<Object> unknown(PreparedRequest request, Findings findings) {
    return request.unknown().stream()
        .filter(item -> !findings.user.items().containsKey(item))
        .toList();
  }

  /** Refuses a model that there is not; one that cannot be asked about now may be there. */
  private void requireModel(String model, Deadline deadline) {
    if (model == null || model.equals(settings.model)) {
      return;
    }
    try {
      ranker.contract(model, deadline);
    } catch (InvalidRequest e) {
      throw new InvalidRequest("model", e.getMessage(), e);
    } catch (RankerException e) {
      LOG.log(Level.DEBUG, "the model cannot be asked about now", e);
    }
  }

  private String segment(Snapshot version, Map<String, Object> values) {
    for (String field : settings.segments) {
      Object value = values.get(field);
      if (value != null && version.lists().contains(field + "=" + value)) {
        return field + "=" + value;
      }
    }
    return null;
  }

  @Override
  public void close() {
    watch.close();
  }

  /** Collects the settings of a recommender. */
  public static final class Builder {
    private final HostStore store;
    private final Ranker ranker;
    private final String model;
    private Duration deadline = Duration.ofMillis(50);
    private Duration reserve = Duration.ofMillis(5);
    private Duration refresh = Duration.ofSeconds(5);
    private int k = 10;
    private int maxK = 1_000;
    private int maxCandidates = 10_000;
    private int candidateCount = 200;
    private boolean textUsers;
    private boolean textItems;
    private List<String> segments = List.of();
    private List<OnlineField> online = List.of();
    private Map<String, Object> defaults = Map.of();
    private Map<String, Serving> serving = Map.of();
    private GuardSettings storeGuard = GuardSettings.STORE;
    private GuardSettings rankerGuard = GuardSettings.RANKER;
    private Consumer<Recommendation> observer = answer -> {};
    private Clock clock = Clock.systemUTC();

    private Builder(HostStore store, Ranker ranker, String model) {
      this.store = store;
      this.ranker = ranker;
      this.model = model;
    }

    /** Time that an answer may take, and the part of it that is kept for the fallback. */
    public Builder deadline(Duration deadline, Duration reserve) {
      this.deadline = deadline;
      this.reserve = reserve;
      return this;
    }

    /** The pause between two looks for another feature version. */
    public Builder refresh(Duration pause) {
      this.refresh = pause;
      return this;
    }

    /** How many items a request gets that does not say it, and how many at most. */
    public Builder k(int k, int most) {
      this.k = k;
      this.maxK = most;
      return this;
    }

    /** How many popular items are ranked where a request gives none, and how many it may give. */
    public Builder candidates(int popular, int most) {
      this.candidateCount = popular;
      this.maxCandidates = most;
      return this;
    }

    /** Whether the ids of users and of items are texts; else they are whole numbers. */
    public Builder textIds(boolean users, boolean items) {
      this.textUsers = users;
      this.textItems = items;
      return this;
    }

    /** The request's fields that make a segment, the most telling first. */
    public Builder segments(List<String> fields) {
      this.segments = List.copyOf(fields);
      return this;
    }

    /** What a request may say of itself. */
    public Builder online(List<OnlineField> fields) {
      this.online = List.copyOf(fields);
      return this;
    }

    /** How models are served, by name; {@link Serving#ONLINE} where nothing is said of one. */
    public Builder serving(Map<String, Serving> models) {
      this.serving = Map.copyOf(models);
      return this;
    }

    /** What stands in for missing features of users and of items, by name. */
    public Builder defaults(Map<String, Object> values) {
      this.defaults = Map.copyOf(values);
      return this;
    }

    /** The limits of the calls to the store and to what ranks. */
    public Builder guards(GuardSettings store, GuardSettings ranker) {
      this.storeGuard = store;
      this.rankerGuard = ranker;
      return this;
    }

    /** Told of every answer, for metrics. */
    public Builder observer(Consumer<Recommendation> observer) {
      this.observer = observer;
      return this;
    }

    /** Tells the age of what an answer rests on, and the hour of a request. */
    public Builder clock(Clock clock) {
      this.clock = clock;
      return this;
    }

    /**
     * The recommender, after a first look for a snapshot. A store that does not answer is no error:
     * the snapshot comes later.
     */
    public Recommender open() {
      Recommender recommender = new Recommender(this);
      for (String field : segments) {
        RequestRules.require(
            recommender.online.has(field),
            field,
            "the segment '%s' is no field that a request may say",
            field);
      }
      recommender.watch.start(refresh);
      return recommender;
    }
  }
}
