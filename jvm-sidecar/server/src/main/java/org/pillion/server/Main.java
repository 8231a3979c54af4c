package org.pillion.server;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;

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
  private static final int ASKED_WRONGLY = 2;

  @Mixin private Options options;

  private final PrintStream out;
  private final PrintStream err;

  private Main(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /** Starts the process. */
  public static void main(String[] arguments) {
    int status = run(arguments, System.out, System.err);
    System.exit(status);
  }

  static int run(String[] arguments, PrintStream out, PrintStream err) {
    CommandLine commandLine = new CommandLine(new Main(out, err));
    commandLine.registerConverter(HostPort.class, Main::hostPort);
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    commandLine.setParameterExceptionHandler(
        (e, args) -> {
          err.println("error: " + e.getMessage());
          return ASKED_WRONGLY;
        });
    return commandLine.execute(arguments);
  }

  @Override
  public Integer call() {
    options.logFormat.install();
    try {
      if (options.check) {
        return RepositoryCheck.run(options.models, out) ? 0 : 1;
      }
      return serve(Sidecar.start(options.settings(), Version.text()));
    } catch (StartFailure | IllegalArgumentException e) {
      err.println("error: " + e.getMessage());
      return ASKED_WRONGLY;
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

  private static void awaitEndOfInput() {
    byte[] ignored = new byte[1024];
    try {
      while (System.in.read(ignored) >= 0) {
        // What a parent writes means nothing; only that it is there does.
      }
    } catch (IOException e) {
      // An unreadable input has ended as well.
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
