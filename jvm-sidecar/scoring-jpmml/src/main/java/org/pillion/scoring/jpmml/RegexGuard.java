package org.pillion.scoring.jpmml;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.dmg.pmml.Apply;
import org.dmg.pmml.Constant;
import org.dmg.pmml.Expression;
import org.dmg.pmml.PMML;
import org.dmg.pmml.TextIndex;
import org.dmg.pmml.VisitorAction;
import org.jpmml.model.visitors.AbstractVisitor;
import org.pillion.scoring.InvalidModel;

/**
 * Refuses regular expressions whose matching can take exponential time: repeated groups that repeat
 * or choose within themselves, and references back.
 */
final class RegexGuard {
  private static final int LONGEST = 1_000;

  private RegexGuard() {}

  static void check(PMML document) {
    new AbstractVisitor() {
      @Override
      public VisitorAction visit(Apply apply) {
        String function = apply.requireFunction();
        if (function.equals("matches") || function.equals("replace")) {
          List<Expression> arguments = apply.getExpressions();
          if (arguments.size() < 2 || !(arguments.get(1) instanceof Constant pattern)) {
            throw new InvalidModel(
                "the pattern of the function '" + function + "' is not a constant");
          }
          require(String.valueOf(pattern.getValue()));
        }
        return super.visit(apply);
      }

      @Override
      public VisitorAction visit(TextIndex index) {
        require(index.getWordSeparatorCharacterRE());
        return super.visit(index);
      }
    }.applyTo(document);
  }

  private static void require(String pattern) {
    if (pattern.length() > LONGEST || !isBounded(pattern)) {
      throw new InvalidModel(
          "the document has a regular expression that may take for ever, or is longer than "
              + LONGEST
              + " characters");
    }
  }

  /** Whether no repeated group repeats or chooses within itself, and nothing refers back. */
  static boolean isBounded(String pattern) {
    Deque<Boolean> groups = new ArrayDeque<>();
    boolean branching = false;
    boolean inClass = false;
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c == '\\') {
        i++;
        char escaped = i < pattern.length() ? pattern.charAt(i) : ' ';
        if (!inClass && (escaped >= '1' && escaped <= '9' || escaped == 'k' || escaped == 'Q')) {
          return false;
        }
      } else if (inClass) {
        inClass = c != ']';
      } else if (c == '[') {
        inClass = true;
      } else if (c == '(') {
        groups.push(branching);
        branching = false;
      } else if (c == ')') {
        boolean inner = branching;
        if (inner && isRepeated(pattern, i + 1)) {
          return false;
        }
        boolean outer = !groups.isEmpty() && groups.pop();
        branching = inner || outer;
      } else if (c == '|' || c == '*' || c == '+' || c == '{') {
        branching = true;
      }
    }
    return true;
  }

  private static boolean isRepeated(String pattern, int at) {
    return at < pattern.length() && "*+{".indexOf(pattern.charAt(at)) >= 0;
  }
}
