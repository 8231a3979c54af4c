package org.pillion.server.http;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.util.function.Supplier;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.MemoryBudget;
import org.pillion.server.text.Utf8;

/** Reads the JSON object of a body, and checks the type of a parser's current token. */
public final class JsonText {
  private JsonText() {}

  /** Reads a member of an object; the parser is at its value, and at its end afterwards. */
  public interface Member {
    void read(String key, JsonParser parser) throws IOException;
  }

  /**
   * Reads a body that is one JSON object.
   *
   * @param tensor names the tensor being read, or null
   * @param memory is asked for the members' names
   * @throws InvalidInput when it is not JSON, or not an object
   */
  public static void readObject(
      byte[] body, int length, Supplier<String> tensor, MemoryBudget memory, Member member) {
    try (JsonParser parser =
        new MeteredParser(JsonBody.FACTORY.createParser(body, 0, length), memory)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new InvalidInput("the body is not a JSON object");
      }
      readMembers(parser, member);
      if (parser.nextToken() != null) {
        throw new InvalidInput("the body goes on after its JSON object");
      }
    } catch (StreamConstraintsException e) {
      throw new InvalidInput(
          ("the body's JSON is nested deeper than %d levels, or has a name or number too long, or a"
                  + " text longer than %d characters%s")
              .formatted(JsonBody.MAX_DEPTH, JsonBody.MAX_TEXT, where(e, tensor.get())));
    } catch (JsonProcessingException e) {
      throw new InvalidInput("the body is not valid JSON" + where(e, tensor.get()));
    } catch (IOException e) {
      throw new InvalidInput("the body cannot be read");
    }
  }

  /**
   * Moves on to the value of an object's next member, which is not null: a null member is absent.
   *
   * @return its name, or null at the end of the object
   */
  public static String nextMember(JsonParser parser) throws IOException {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_NULL) {
        return key;
      }
    }
    return null;
  }

  /**
   * Reads the members of the object that starts at the parser's current token.
   *
   * @param what names it, as a format of {@code parts}; made only where it is no object
   * @throws InvalidInput when it is no object
   */
  public static void readMembers(JsonParser parser, Member member, String what, Object... parts)
      throws IOException {
    requireObject(parser, what, parts);
    readMembers(parser, member);
  }

  private static void readMembers(JsonParser parser, Member member) throws IOException {
    for (String key = nextMember(parser); key != null; key = nextMember(parser)) {
      member.read(key, parser);
    }
  }

  private static String where(JsonProcessingException e, String tensor) {
    JsonLocation at = e.getLocation();
    String place = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
    return place + (tensor == null ? "" : ", in the input '" + tensor + "'");
  }

  public static String required(JsonParser parser, String what, Object... parts)
      throws IOException {
    require(parser.currentToken() == JsonToken.VALUE_STRING, "is not a string", what, parts);
    String text = parser.getText();
    require(Utf8.encodes(text), "is not valid Unicode", what, parts);
    return text;
  }

  public static boolean flag(JsonParser parser, String what, Object... parts) {
    require(parser.currentToken().isBoolean(), "is not true or false", what, parts);
    return parser.currentToken() == JsonToken.VALUE_TRUE;
  }

  public static void requireObject(JsonParser parser, String what, Object... parts) {
    require(parser.currentToken() == JsonToken.START_OBJECT, "is not an object", what, parts);
  }

  public static void requireArray(JsonParser parser, String what, Object... parts) {
    require(parser.currentToken() == JsonToken.START_ARRAY, "is not an array", what, parts);
  }

  private static void require(boolean holds, String not, String what, Object... parts) {
    if (!holds) {
      throw new InvalidInput(what.formatted(parts) + " " + not);
    }
  }
}
