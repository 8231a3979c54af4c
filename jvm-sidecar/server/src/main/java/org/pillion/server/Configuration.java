package org.pillion.server;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.pillion.features.StoreSettings;
import picocli.CommandLine;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Where an option's value comes from: the command line, else the environment, else the file, else
 * its default, which may follow from the heap.
 */
final class Configuration implements IDefaultValueProvider {
  /** The option that names the file. */
  static final String FILE_OPTION = "--config";

  /** Before the name of an option, in capitals and with underscores. */
  static final String PREFIX = "PILLION_SIDECAR_";

  /** Before what is said once for all parts of Pillion on a machine. */
  private static final String PRODUCT = "PILLION_";

  /** A secret; it has no option, since every user of a machine can read command lines. */
  static final String ADMIN_TOKEN = PREFIX + "ADMIN_TOKEN";

  private static final Set<String> ON_THE_COMMAND_LINE_ONLY =
      Set.of(FILE_OPTION, "--check", "--hash-token", "--help", "--version");

  private final Map<String, String> environment;
  private final Map<String, String> file = new HashMap<>();
  private final Map<String, String> origins = new HashMap<>();

  private Configuration(Map<String, String> environment) {
    this.environment = environment;
  }

  /**
   * The configuration for a command line.
   *
   * @throws IllegalArgumentException in one sentence, when a file is named that cannot be read
   */
  static Configuration of(List<String> arguments, Map<String, String> environment) {
    Configuration configuration = new Configuration(environment);
    String path = fileIn(arguments);
    if (path == null) {
      path = environment.get(variable(FILE_OPTION));
    }
    if (path != null) {
      configuration.read(Path.of(path));
    }
    return configuration;
  }

  private static String fileIn(List<String> arguments) {
    String path = null;
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (argument.startsWith(FILE_OPTION + "=")) {
        path = argument.substring(FILE_OPTION.length() + 1);
      } else if (argument.equals(FILE_OPTION) && i + 1 < arguments.size()) {
        path = arguments.get(i + 1);
      }
    }
    return path;
  }

  private void read(Path path) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(path)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalArgumentException("the configuration cannot be read: " + path);
    }
    properties.stringPropertyNames().forEach(key -> file.put(key, properties.getProperty(key)));
  }

  /**
   * Refuses keys of the file that no option has.
   *
   * @throws IllegalArgumentException naming them
   */
  void requireKnownKeys(Iterable<OptionSpec> options) {
    Set<String> unknown = new TreeSet<>(file.keySet());
    for (OptionSpec option : options) {
      if (!ON_THE_COMMAND_LINE_ONLY.contains(option.longestName())) {
        unknown.remove(key(option.longestName()));
      }
    }
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "the configuration has unknown keys: " + String.join(", ", unknown));
    }
  }

  /** The environment, which has the secrets. */
  Map<String, String> environment() {
    return environment;
  }

  @Override
  public String defaultValue(ArgSpec argument) {
    if (!(argument instanceof OptionSpec option)
        || ON_THE_COMMAND_LINE_ONLY.contains(option.longestName())) {
      return null;
    }
    String name = option.longestName();
    String variable = environment.get(variable(name));
    if (variable != null) {
      origins.put(name, "environment");
      return variable;
    }
    String value = file.get(key(name));
    if (value != null) {
      origins.put(name, "file");
      return value;
    }
    return HeapDefaults.of(name, HeapDefaults.heap()).map(String::valueOf).orElse(null);
  }

  /** One line that says what holds and where it comes from; secrets are not in it. */
  String describe(CommandLine.ParseResult parsed, Iterable<OptionSpec> options) {
    StringBuilder text = new StringBuilder();
    for (OptionSpec option : options) {
      String name = option.longestName();
      boolean said = option.getValue() != null && !text(option.getValue()).isEmpty();
      if (said && !ON_THE_COMMAND_LINE_ONLY.contains(name)) {
        String origin =
            parsed.hasMatchedOption(option)
                ? "command line"
                : origins.getOrDefault(name, "default");
        text.append(text.isEmpty() ? "" : ", ")
            .append("%s=%s (%s)".formatted(key(name), text(option.getValue()), origin));
      }
    }
    if (environment.containsKey(ADMIN_TOKEN)) {
      text.append(", admin-token=*** (environment)");
    }
    if (environment.containsKey(StoreOptions.PASSWORD)) {
      text.append(", store-password=*** (environment)");
    }
    return text.toString();
  }

  private static String text(Object value) {
    return value instanceof Collection<?> items
        ? items.stream().map(String::valueOf).collect(Collectors.joining(","))
        : StoreSettings.withoutPassword(String.valueOf(value));
  }

  private static String key(String option) {
    return option.substring(2);
  }

  private static String variable(String option) {
    String prefix = option.startsWith(StoreOptions.PREFIX) ? PRODUCT : PREFIX;
    return prefix + key(option).replace('-', '_').toUpperCase(Locale.ROOT);
  }
}
