package io.keelson.kvstore.server;

import io.keelson.kvstore.server.config.ConfigException;
import io.keelson.kvstore.server.config.ServerConfig;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/**
 * {@code keelson kvstore}: runs a member with etcd's flags, so that a script named {@code etcd} that calls it can stand in
 * for an etcd, also as a service of systemd that is started when it says so ({@code Type=notify}). Flags are read as etcd
 * reads them, with one or two dashes, and not by picocli.
 *
 * <p>Ends with 0 after {@code --help}, {@code --version} and removal from the cluster, with 2 for a command line that
 * cannot be read, with 1 for everything else that goes wrong, and by the signal that ended it.
 */
@Command(
        name = "kvstore",
        description = "Runs a member of the store, with etcd's flags.",
        customSynopsis = "keelson kvstore [flags]")
public final class ServerCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(ServerCommand.class);

    /** To which a shell adds the number of the signal that ended a process. */
    private static final int ENDED_BY_SIGNAL = 128;

    private static final int INTERRUPT = 2;
    private static final int TERMINATION = 15;

    @Unmatched
    private List<String> arguments = new ArrayList<>();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        int code = run(arguments, System.getenv(), out, err);
        out.flush();
        err.flush();
        return code;
    }

    /** Runs a member until it has left service; returns what the process ends with. */
    static int run(List<String> arguments, Map<String, String> environment, PrintWriter out, PrintWriter err)
            throws InterruptedException {
        if (ServerConfig.has(arguments, "help") || ServerConfig.has(arguments, "h")) {
            out.print(ServerConfig.help());
            return 0;
        }
        if (ServerConfig.has(arguments, "version")) {
            out.print(KvServer.versionText());
            return 0;
        }
        ServerConfig config;
        try {
            config = ServerConfig.parse(arguments, environment);
            Logs.configure(config.logging());
        } catch (ConfigException e) {
            err.println(e.getMessage());
            if (e.exitCode() == 2) {
                err.println("`keelson kvstore --help` lists the flags");
            }
            return e.exitCode();
        }
        KvServer server;
        try {
            server = KvServer.start(config);
        } catch (StartFailure e) {
            log.error("cannot start: {}", e.getMessage());
            log.debug("cannot start", e);
            return 1;
        }
        Thread onSignal = Thread.ofPlatform().name("shutdown").unstarted(() -> {
            // As of a process that the signal itself ends: so does etcd.
            SecondSignal.endsProcess(ENDED_BY_SIGNAL + INTERRUPT, ENDED_BY_SIGNAL + TERMINATION);
            log.info("received a signal to end; closing");
            server.close();
            log.info("closed");
        });
        Runtime.getRuntime().addShutdownHook(onSignal);
        try {
            var _ = CompletableFuture.anyOf(server.ready(), server.stopped()).get();
            if (!server.stopped().isDone()) {
                ServiceManager.of(environment).tellReady();
            }
            var _ = server.stopped().get();
            server.close();
            return 0;
        } catch (ExecutionException e) {
            server.close();
            return 1;
        }
    }
}
