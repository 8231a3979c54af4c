package org.pillion.embedded;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pillion.ranker.Deadline;
import org.pillion.ranker.DeadlineExceeded;
import org.pillion.ranker.InvalidRequest;
import org.pillion.ranker.RankRequest;
import org.pillion.scoring.Column;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.ItemColumns;
import org.pillion.scoring.OperationalType;
import org.pillion.scoring.Shortlist;

final class ItemVectorsTest {
  private static final FeatureContract CONTRACT =
      new FeatureContract(List.of(number("user_f_0"), number("item_f_0")), List.of());

  private static InputField number(String name) {
    return InputField.of(name, FieldType.DOUBLE, OperationalType.CONTINUOUS);
  }

  private static Shortlist pick(RankRequest.FirstPhase phase, Deadline deadline) {
    ItemColumns items =
        ItemColumns.builder(CONTRACT, 4)
            .add("item_f_0", new Column.Doubles(new double[] {1, 4, 3, 4}, new boolean[4]))
            .build();
    RankRequest request =
        RankRequest.of("films").context(Map.of("user_f_0", 2.0)).firstPhase(phase).build();
    return new ItemVectors(items).pick(request, row -> row == 1, deadline);
  }

  private static RankRequest.FirstPhase phase(String user) {
    return new RankRequest.FirstPhase(user, "item_f", 2);
  }

  @Test
  void pick_itemsWithTheLargestProducts_lessThoseExcluded() {
    Shortlist found = pick(phase("user_f"), Deadline.none());

    assertArrayEquals(new int[] {3, 2}, found.rows());
    assertEquals(1.0, found.share());
  }

  @Test
  void pick_withoutTimeToLookAtAnItem_isLate() {
    Deadline over = Deadline.after(Duration.ofNanos(-5_000), () -> 0);

    DeadlineExceeded error =
        assertThrows(DeadlineExceeded.class, () -> pick(phase("user_f"), over));

    assertEquals(
        "the deadline passed before the first phase had looked at an item", error.getMessage());
  }

  @Test
  void pick_vectorThatTheModelDoesNotHave_isRefused() {
    InvalidRequest error =
        assertThrows(InvalidRequest.class, () -> pick(phase("user_g"), Deadline.none()));

    assertEquals(
        "the model has no input 'user_g_0', the first element of the vector 'user_g'",
        error.getMessage());
  }
}
