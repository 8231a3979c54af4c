package org.pillion.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.pillion.server.access.HostTokens;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command line of the sidecar. */
@Command(
    name = "pillion-sidecar",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    sortOptions = false,
    description = "Scores the models of a repository over HTTP (Open Inference Protocol V2).",
    footer = {
      "",
      "Example:",
      "  java -jar pillion-sidecar.jar --models pmml-models --http 127.0.0.1:0",
      "",
      "Prints a line 'LISTENING sidecar-http http://HOST:PORT' once it serves.",
      "Exit status: 0 stopped or checked, 1 a check failed, 2 it could not start."
    })
public final class Main implements Callable<Integer> {
  private static final int USAGE_ERROR = 2;
  private static final Logger LOG = LoggerFactory.getLogger(Main.class);

  @Mixin private Options options;

  @Spec private CommandSpec spec;

  private final Configuration configuration;
  private final PrintStream out;
  private final PrintStream err;

  private Main(Configuration configuration, PrintStream out, PrintStream err) {
    this.configuration = configuration;
    this.out = out;
    this.err = err;
  }

  /** Starts the process. */
  public static void main(String[] arguments) {
    int status = run(List.of(arguments), System.getenv(), System.out, System.err);
    System.exit(status);
  }

  static int run(
      List<String> arguments, Map<String, String> environment, PrintStream out, PrintStream err) {
    Configuration configuration;
    try {
      configuration = Configuration.of(arguments, environment);
    } catch (IllegalArgumentException e) {
      err.println("error: " + e.getMessage());
      return USAGE_ERROR;
    }
    CommandLine commandLine = commandLine(new Main(configuration, out, err), configuration);
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    commandLine.setParameterExceptionHandler(
        (e, args) -> {
          err.println("error: " + e.getMessage());
          return USAGE_ERROR;
        });
    return commandLine.execute(arguments.toArray(String[]::new));
  }

  static CommandLine commandLine(Object command, Configuration configuration) {
    CommandLine commandLine = new CommandLine(command);
    commandLine.registerConverter(HostPort.class, Main::hostPort);
    commandLine.setDefaultValueProvider(configuration);
    return commandLine;
  }

  @Override
  public Integer call() {
    options.logFormat.install();
    try {
      configuration.requireKnownKeys(spec.options());
      if (options.hashToken != null) {
        out.println(HostTokens.line(options.hashToken, secret()));
        return 0;
      }
      if (options.check) {
        return RepositoryCheck.run(options.repository(), out) ? 0 : 1;
      }
      LOG.info(
          "pillion-sidecar {} on Java {}: {}",
          Version.text(),
          Runtime.version().feature(),
          configuration.describe(spec.commandLine().getParseResult(), spec.options()));
      return serve(Sidecar.start(options.settings(configuration.environment()), Version.text()));
    } catch (StartException | IllegalArgumentException e) {
      err.println("error: " + e.getMessage());
      return USAGE_ERROR;
    }
  }

  private int serve(Sidecar sidecar) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  sidecar.close();
                  // Without this the JVM reports the signal instead of a clean end.
                  Runtime.getRuntime().halt(0);
                },
                "shutdown"));
    sidecar.addresses().forEach(address -> out.println("LISTENING " + address));
    out.flush();
    if (options.exitWithStdin) {
      awaitEndOfInput();
    } else {
      awaitSignal();
    }
    return 0;
  }

  /** The first line of the input. */
  private static String secret() {
    try {
      String line =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
      return line == null ? "" : line.strip();
    } catch (IOException e) {
      throw new IllegalArgumentException("the token cannot be read from standard input");
    }
  }

  private static void awaitEndOfInput() {
    byte[] ignored = new byte[1024];
    try {
      while (System.in.read(ignored) >= 0) {
        // The content is ignored; the end of the input is what counts.
      }
    } catch (IOException e) {
      // An input that cannot be read counts as ended.
      return;
    }
  }

  private static void awaitSignal() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static HostPort hostPort(String text) {
    try {
      return HostPort.parse(text);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.TypeConversionException(e.getMessage());
    }
  }

  /** The version in the jar's manifest. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"pillion-sidecar " + text()};
    }

    static String text() {
      String version = Main.class.getPackage().getImplementationVersion();
      return version == null ? "unpackaged" : version;
    }
  }
}
