package org.pillion.server.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.pillion.scoring.Column;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.ItemColumns;
import org.pillion.scoring.ItemTable;
import org.pillion.scoring.MemoryBudget;
import org.pillion.scoring.OperationalType;
import org.pillion.scoring.ResidentItems;
import org.pillion.server.errors.RequestException;
import org.pillion.server.limits.Deadline;
import org.pillion.server.tensor.InputRules;
import org.pillion.server.tensor.Tensor;

/** Candidates of a first phase: the items with the largest dot products, or else the list. */
final class FirstPhaseTest {
  private static final FeatureContract CONTRACT =
      new FeatureContract(
          List.of(number("user_f_0"), number("item_f_1"), number("user_f_1"), number("item_f_0")),
          List.of());

  private static final Deadline NONE = Deadline.of(null, 0);

  /** Ids 10, 11, …; by the user (1, 2) the products are 0, 3, 6, 9, 6, 1. */
  private static final TableItems ITEMS =
      items(new double[] {0, 1, 2, 3, 6, 1}, new double[] {0, 1, 2, 3, 0, 0});

  private static InputField number(String name) {
    return InputField.of(name, FieldType.DOUBLE, OperationalType.CONTINUOUS);
  }

  private static TableItems items(double[] first, double[] second) {
    Map<String, FieldType> types = new LinkedHashMap<>();
    types.put("item_f_0", FieldType.DOUBLE);
    types.put("item_f_1", FieldType.DOUBLE);
    ItemTable.Builder table =
        new ItemTable.Builder(FieldType.INTEGER, types, first.length, MemoryBudget.UNLIMITED);
    for (int row = 0; row < first.length; row++) {
      table.add(10L + row);
      table.put(0, first[row]);
      table.put(1, second[row]);
    }
    ItemTable built = table.build();
    ItemColumns.Builder columns = ItemColumns.builder(CONTRACT, first.length);
    built.columns().forEach(columns::add);
    ItemColumns all = columns.build();
    return new TableItems(built, ResidentItems.of(all), new ItemVectors(all), null);
  }

  private static CandidateNames candidates(
      Double first, FirstPhase phase, Column excluded, Deadline deadline) {
    InferRequestBuilder request =
        new InferRequestBuilder(new InputRules(CONTRACT, 100, MemoryBudget.UNLIMITED));
    Column one =
        new Column.Doubles(new double[] {first == null ? 0 : first}, new boolean[] {first == null});
    Column two = new Column.Doubles(new double[] {2}, new boolean[1]);
    request.add(new Tensor("user_f_0", one, Tensor.Role.CONTEXT));
    request.add(new Tensor("user_f_1", two, Tensor.Role.CONTEXT));
    return request.candidates(
        ITEMS, new NamedItems(null, NamedItems.CATALOG, 3, excluded, 0, phase), null, deadline);
  }

  private static List<Object> ids(CandidateNames names) {
    return Arrays.asList(names.names(IntStream.range(0, names.count()).toArray()));
  }

  @Test
  void candidates_areTheItemsWithTheLargestProducts_equalOnesByRisingId() {
    FirstPhase phase = FirstPhase.of("user_f", "item_f");

    CandidateNames names = candidates(1.0, phase, null, NONE);

    assertEquals(List.of(13L, 12L, 14L), ids(names));
    assertEquals(1.0, names.shortlist().share());
    Column seen = new Column.Longs(new long[] {13, 404}, new boolean[2]);
    assertEquals(List.of(12L, 14L, 11L), ids(candidates(1.0, phase, seen, NONE)));
  }

  @Test
  void candidates_ofAUserWithoutAVector_areThoseOfTheList() {
    CandidateNames names = candidates(null, FirstPhase.of("user_f", "item_f"), null, NONE);

    assertEquals(List.of(10L, 11L, 12L), ids(names));
    assertNull(names.shortlist());
    assertNull(candidates(1.0, null, null, NONE).shortlist());
  }

  @Test
  void candidates_whenTimeIsUpBeforeAnyItemWasSeen_areNoAnswer() {
    Deadline passed = Deadline.in(0, System.nanoTime());

    RequestException thrown =
        assertThrows(
            RequestException.class,
            () -> candidates(1.0, FirstPhase.of("user_f", "item_f"), null, passed));

    assertEquals(RequestException.Kind.TOO_LATE, thrown.kind());
    assertEquals(
        "the deadline passed before the first phase had looked at an item", thrown.getMessage());
  }

  @Test
  void half_ofADeadline_isHalfOfWhatIsLeft() {
    Deadline half = Deadline.in(10, 0).half(4_000_000);

    assertTrue(half.isOver(7_000_000));
    assertEquals(false, half.isOver(6_999_999));
    assertEquals(false, NONE.half(5).isOver(Long.MAX_VALUE));
  }

  @Test
  void vectors_thatTheModelDoesNotHave_areNamed() {
    assertEquals(
        "the model has no input 'taste_0', the first element of the vector 'taste'",
        refusal(() -> candidates(1.0, FirstPhase.of("taste", "item_f"), null, NONE)));
    assertEquals(
        "the item vector's element 'user_f_0' is no input that the items give",
        refusal(() -> candidates(1.0, FirstPhase.of("user_f", "user_f"), null, NONE)));
    assertEquals(
        "the element 'item_f_0' of the user's vector is not given in the context",
        refusal(() -> candidates(1.0, FirstPhase.of("item_f", "item_f"), null, NONE)));
    assertEquals(
        "the request has 'user_vector' without 'item_vector'",
        refusal(() -> FirstPhase.of("user_f", null)));
    assertEquals(
        "'user_vector' and 'item_vector' need 'list' and 'list_size'",
        refusal(
            () ->
                new NamedItems(
                    null, NamedItems.CATALOG, 0, null, 0, FirstPhase.of("user_f", "item_f"))));
  }

  private static String refusal(org.junit.jupiter.api.function.Executable call) {
    return assertThrows(InvalidInput.class, call).getMessage();
  }
}
