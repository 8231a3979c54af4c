package org.pillion.server.inference;

import java.util.List;

/** Names of the extensions to V2, for the server's metadata. */
public final class Extensions {
  public static final List<String> NAMES =
      List.of(
          "binary_tensor_data",
          "statistics",
          "parameters",
          "pillion_json_null_is_missing",
          "pillion_missing_rows",
          "pillion_on_row_error",
          "pillion_unknown_inputs",
          "pillion_context",
          "pillion_rank",
          "pillion_items",
          "pillion_explain");

  private Extensions() {}
}
