package org.pillion.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pillion.scoring.Column;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.ItemTable;
import org.pillion.scoring.OperationalType;

final class ItemFileTest {
  private static final FeatureContract CONTRACT =
      new FeatureContract(
          List.of(
              InputField.of("price", FieldType.DOUBLE, OperationalType.CONTINUOUS),
              InputField.of("genre", FieldType.STRING, OperationalType.CATEGORICAL),
              InputField.of("hour", FieldType.INTEGER, OperationalType.CONTINUOUS)),
          List.of());

  private static ItemTable read(String lines) throws VersionRefused {
    return ItemFile.read(lines.getBytes(StandardCharsets.UTF_8), CONTRACT);
  }

  @Test
  void read_idsInAnyOrder_areRowsInRisingOrder() throws VersionRefused {
    ItemTable table =
        read("[\"item_id\",\"genre\",\"price\"]\n[7,\"a\",-0]\n[3,null,\"NaN\"]\n[-9,\"\",2]\n");

    assertEquals(3, table.rows());
    assertEquals(List.of("genre", "price"), List.copyOf(table.columns().keySet()));
    assertArrayEquals(
        new int[] {0, 2, 1, 2},
        table.rows(new Column.Longs(new long[] {-9, 7, 3, 7}, new boolean[4])));
    assertEquals(List.of("", "null", "a"), values(table.columns().get("genre")));
    assertEquals(List.of("2.0", "NaN", "-0.0"), values(table.columns().get("price")));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "['item_id','price'] | items.jsonl has no items",
        "['id','price']~[1,2] | line 1 of items.jsonl does not begin with the name 'item_id'",
        "['item_id']~[1] | line 1 of items.jsonl names no input",
        "['item_id','colour']~[1,2] | names 'colour', which is not an input",
        "['item_id','price','price']~[1,2,3] | names 'price' twice",
        "['item_id','price']~[1] | line 2 of items.jsonl has 1 values, but the first line has 2",
        "['item_id','price']~[1,2]~[1,3] | line 3 of items.jsonl has the id 1, which came before",
        "['item_id','price']~[1,2]~['a',3] | line 3 of items.jsonl has the id a, but ids are all",
        "['item_id','price']~[1.5,2] | has the id 1.5, but ids are all whole numbers",
        "['item_id','price']~[null,2] | has the id null, but ids are all whole numbers",
        "['item_id','price']~[1,'dear'] | line 2 of items.jsonl, field 'price', is not of type",
        "['item_id','hour']~[1,1.5] | field 'hour', is not of type integer: 1.5",
        "['item_id','price']~{} | line 2 of items.jsonl is not a JSON array",
        "['item_id','price']~[1,2 | line 2 of items.jsonl is not valid JSON",
      })
  void read_whatDoesNotFit_isRefusedByItsLine(String lines, String sentence) {
    String text = lines.replace('\'', '"').replace('~', '\n');

    String message = assertThrows(VersionRefused.class, () -> read(text)).getMessage();

    assertTrue(message.replace('"', '\'').contains(sentence), message);
  }

  private static List<String> values(Column column) {
    return IntStream.range(0, column.rows())
        .mapToObj(row -> String.valueOf(column.value(row)))
        .toList();
  }
}
