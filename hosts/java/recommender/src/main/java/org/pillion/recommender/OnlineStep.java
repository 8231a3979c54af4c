package org.pillion.recommender;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.pillion.features.FeatureItems;
import org.pillion.features.HostStore;
import org.pillion.features.Snapshot;
import org.pillion.features.UserSide;
import org.pillion.ranker.Deadline;
import org.pillion.ranker.ModelContract;
import org.pillion.ranker.RankAnswer;
import org.pillion.ranker.RankRequest;
import org.pillion.ranker.Ranker;
import org.pillion.scoring.InputField;
import org.pillion.scoring.MissingTreatment;

/** The first rung: the store is asked for the user, then the model for a ranking. */
final class OnlineStep {
  /** In place of an answer: the model takes no user without features. */
  private static final RankAnswer NOT_ASKED =
      new RankAnswer("", 0, "", List.of(), List.of(), 0, 0, 0, null, List.of());

  /** In place of an answer: what was computed ahead comes first. */
  private static final RankAnswer AHEAD =
      new RankAnswer("", 0, "", List.of(), List.of(), 0, 0, 0, null, List.of());

  private static final String UNKNOWN_USER = "unknown_user";
  private static final String NO_CANDIDATES = "no_candidates";
  private static final String NO_SCORES = "no_scores";

  private final HostStore store;
  private final Ranker ranker;
  private final Guard storeGuard;
  private final Guard rankerGuard;
  private final OnlineFields online;
  private final Map<String, Object> defaults;
  private final int candidateCount;
  private final Map<String, Serving> serving;

  OnlineStep(
      HostStore store,
      Ranker ranker,
      Guard storeGuard,
      Guard rankerGuard,
      OnlineFields online,
      Map<String, Object> defaults,
      int candidateCount,
      Map<String, Serving> serving) {
    this.store = store;
    this.ranker = ranker;
    this.storeGuard = storeGuard;
    this.rankerGuard = rankerGuard;
    this.online = online;
    this.defaults = defaults;
    this.candidateCount = candidateCount;
    this.serving = serving;
  }

  /**
   * Asks store and model.
   *
   * @param findings gets what is learned on the way, for the rungs below
   * @throws Unanswered when there is no answer, with the reason
   */
  RungResult answer(PreparedRequest request, Findings findings) throws Unanswered {
    Snapshot snapshot = request.snapshot();
    long start = System.nanoTime();
    try {
      findings.user =
          storeGuard.call(
              request.deadline(),
              timeout ->
                  store.user(snapshot, request.request().userId(), request.unknown(), timeout));
    } finally {
      findings.fetchMillis = Timings.since(start);
    }
    String reason = findings.user.features() == null ? UNKNOWN_USER : null;
    List<Object> given = unseen(request, findings);
    if (given != null && given.isEmpty()) {
      return RungResult.of(Source.ONLINE, List.of(), snapshot.created(), NO_CANDIDATES);
    }
    long scoring = System.nanoTime();
    RankAnswer answer;
    try {
      answer =
          rankerGuard.call(
              request.deadline(),
              timeout -> rank(request, findings, given, Deadline.after(timeout)));
    } finally {
      findings.scoreMillis = Timings.since(scoring) - findings.assembleMillis;
    }
    if (answer == NOT_ASKED) {
      throw new Unanswered(UNKNOWN_USER, null);
    }
    if (answer == AHEAD) {
      throw new Unanswered(ComputedAhead.REASON, null);
    }
    findings.unscoredItems = answer.unscored();
    findings.seenShare = answer.seenShare();
    if (answer.candidates() == 0 && !findings.ranksClasses) {
      return RungResult.of(Source.ONLINE, List.of(), snapshot.created(), NO_CANDIDATES);
    }
    if (answer.items().isEmpty()) {
      String none = answer.unscored() > 0 ? NO_SCORES : NO_CANDIDATES;
      throw new Unanswered(reason == null ? none : reason, null);
    }
    return new RungResult(
        Source.ONLINE,
        answer.items(),
        answer.scores(),
        snapshot.created(),
        reason,
        answer.model(),
        answer.version(),
        answer.engine().isEmpty() ? null : answer.engine());
  }

  private RankAnswer rank(
      PreparedRequest request, Findings findings, List<Object> given, Deadline deadline) {
    long start = System.nanoTime();
    ModelContract contract = ranker.contract(request.model(), deadline);
    Snapshot snapshot = request.snapshot();
    findings.ranksClasses = contract.ranksClasses();
    if (findings.user.features() == null && !takesUnknownUsers(contract, snapshot)) {
      return NOT_ASKED;
    }
    Serving served = serving.getOrDefault(request.model(), Serving.ONLINE);
    if (findings.user.features() != null
        && ComputedAhead.comesFirst(
            served, request, findings, contract, name -> isOnline(contract, name))) {
      return AHEAD;
    }
    Map<String, Object> context = context(contract, request, findings.user);
    RankRequest.Builder asked = RankRequest.of(request.model()).k(request.k()).context(context);
    if (given != null) {
      give(given, asked, contract, context, findings.user.items());
    } else if (contract.ranksClasses()) {
      asked.excluded(new ArrayList<>(findings.user.seen()));
    } else if (hasVector(served.firstPhase(), context)) {
      FirstPhase phase = served.firstPhase();
      asked
          .excluded(new ArrayList<>(findings.user.seen()))
          .firstPhase(new RankRequest.FirstPhase(phase.user(), phase.item(), candidateCount));
    } else {
      List<Object> popular = popular(request, findings.user.seen());
      if (popular.isEmpty()) {
        // The model is asked all the same: whether it can be is what the answer tells.
        popular = popular(request, Set.of());
        asked.excluded(popular);
      }
      asked.ids(popular);
    }
    if (!contract.ranksClasses()) {
      asked.featureVersion(snapshot.version()).itemDefaults(itemDefaults(contract, context));
    }
    RankRequest built = asked.build();
    findings.assembleMillis = Timings.since(start);
    return ranker.rank(built, deadline);
  }

  /** Whether the user has every element of a first phase's vector. */
  private static boolean hasVector(FirstPhase phase, Map<String, Object> context) {
    if (phase == null || !context.containsKey(phase.user() + "_0")) {
      return false;
    }
    for (int i = 0; context.containsKey(phase.user() + "_" + i); i++) {
      if (!(context.get(phase.user() + "_" + i) instanceof Number number)
          || !Float.isFinite(number.floatValue())) {
        return false;
      }
    }
    return true;
  }

  /**
   * The candidates given that have features, those that came after the snapshot at the end, those
   * seen left out, which are counted; null where none were given.
   */
  private static List<Object> unseen(PreparedRequest request, Findings findings) {
    if (request.candidates() == null) {
      return null;
    }
    List<Object> unseen = new ArrayList<>(request.candidates());
    unseen.addAll(findings.user.items().keySet());
    int known = unseen.size();
    unseen.removeIf(findings.user.seen()::contains);
    findings.seenItems = known - unseen.size();
    return unseen;
  }

  /** Names the candidates that are in memory, and describes those that came after the snapshot. */
  private static void give(
      List<Object> given,
      RankRequest.Builder asked,
      ModelContract contract,
      Map<String, Object> context,
      Map<Object, Map<String, Object>> late) {
    if (late.isEmpty() || contract.ranksClasses()) {
      asked.ids(given);
      return;
    }
    List<Object> described = given.stream().filter(late::containsKey).toList();
    asked.ids(given.stream().filter(item -> !late.containsKey(item)).toList());
    if (!described.isEmpty()) {
      Map<String, List<?>> columns = new HashMap<>();
      for (String name : contract.fields().inputPositions().keySet()) {
        if (!context.containsKey(name)) {
          columns.put(
              name,
              described.stream()
                  .map(item -> late.get(item).get(name))
                  .collect(Collectors.toList()));
        }
      }
      asked.candidates(columns).names(described);
    }
  }

  /** The most popular unseen items that have features: the segment's, then everybody's. */
  private List<Object> popular(PreparedRequest request, Set<Object> seen) {
    FeatureItems items = request.snapshot().items();
    BitSet without = new BitSet();
    for (Object item : seen) {
      int row = items.table().row(item);
      if (row >= 0) {
        without.set(row);
      }
    }
    String list = request.segment() == null ? Snapshot.GLOBAL : request.segment();
    List<Object> ids = new ArrayList<>();
    for (int row : items.popular(list, without, candidateCount)) {
      ids.add(items.table().id(row));
    }
    return ids;
  }

  private Map<String, Object> context(
      ModelContract contract, PreparedRequest request, UserSide user) {
    Map<String, Object> features = user.features() == null ? Map.of() : user.features();
    Map<String, Object> context = new HashMap<>();
    for (InputField input : contract.fields().inputs()) {
      String name = input.name();
      if (isOnline(contract, name)) {
        context.put(name, request.online().get(name));
      } else if (isOfUser(contract, name, request.snapshot())) {
        Object value = features.get(name);
        context.put(name, value == null ? defaults.get(name) : value);
      }
    }
    return context;
  }

  /** What stands in for missing features of items. */
  private Map<String, Object> itemDefaults(ModelContract contract, Map<String, Object> context) {
    Map<String, Object> itemDefaults = new HashMap<>();
    for (String name : contract.fields().inputPositions().keySet()) {
      Object value = defaults.get(name);
      if (value != null && !context.containsKey(name)) {
        itemDefaults.put(name, value);
      }
    }
    return itemDefaults;
  }

  private boolean isOnline(ModelContract contract, String name) {
    String source = contract.sources().get(name);
    return source == null ? online.has(name) : source.equals("online");
  }

  private boolean isOfUser(ModelContract contract, String name, Snapshot snapshot) {
    String source = contract.sources().get(name);
    return source == null
        ? contract.ranksClasses() || !snapshot.items().table().columns().containsKey(name)
        : source.equals("user");
  }

  /** Whether a user without features may be scored: no missing value of theirs is refused. */
  private boolean takesUnknownUsers(ModelContract contract, Snapshot snapshot) {
    for (InputField input : contract.fields().inputs()) {
      String name = input.name();
      if (input.missing() == MissingTreatment.RETURN_INVALID
          && defaults.get(name) == null
          && !isOnline(contract, name)
          && isOfUser(contract, name, snapshot)) {
        return false;
      }
    }
    return true;
  }
}
