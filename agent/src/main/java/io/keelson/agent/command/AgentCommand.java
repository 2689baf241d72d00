package io.keelson.agent.command;

import io.keelson.agent.config.AgentFlags;
import io.keelson.agent.embedded.assembly.CriCommand;
import io.keelson.agent.embedded.assembly.EmbeddedNodeSettings;
import io.keelson.agent.join.JoinSettings;
import io.keelson.agent.join.JoinToken;
import io.keelson.controllers.manager.KubernetesVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code keelson agent}: runs pods on this machine, with the flags and the configuration file of the kubelet. */
@Command(
        name = "agent",
        description = "Runs pods on this machine, with the kubelet's flags.",
        sortOptions = false,
        versionProvider = KubernetesVersion.class)
public final class AgentCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(AgentCommand.class);
    private static final int END_SECONDS_MAX = 20;

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows these flags, and ends.")
    boolean help;

    @Option(names = "--version", versionHelp = true, description = "Says which version this is, and ends.")
    boolean version;

    @Mixin
    private AgentFlags flags = new AgentFlags();

    @Option(
            names = "--embedded-root",
            defaultValue = "/var/lib/keelson",
            paramLabel = "DIR",
            description = "Where the embedded runtime keeps images, containers and addresses, and the node its volumes."
                    + " Default: ${DEFAULT-VALUE}")
    private Path embeddedRoot;

    @Option(
            names = "--embedded-run",
            defaultValue = "/run/keelson",
            paramLabel = "DIR",
            description = "Where the embedded runtime has the sockets of its pods; a short path."
                    + " Default: ${DEFAULT-VALUE}")
    private Path embeddedRun;

    @Option(
            names = "--runtime-handler",
            paramLabel = "NAME=PATH",
            split = ",",
            description =
                    "In the embedded runtime, an OCI runtime for pods whose RuntimeClass names this handler. Those"
                            + " of runc and crun are there where these programs are; all other pods are started directly.")
    private Map<String, Path> handlers = Map.of();

    @Option(
            names = "--bundled-images",
            description = "Have the images keelson/web:1 and :2 in the embedded runtime, which are built on the spot.")
    private boolean bundledImages;

    @Option(
            names = "--container-log-links",
            defaultValue = "/var/log/containers",
            paramLabel = "DIR",
            description = "Where logs are linked by names of pods and containers. Default: ${DEFAULT-VALUE}")
    private Path logLinks;

    @Option(
            names = "--join",
            paramLabel = "HOST:PORT",
            description =
                    "Join the cluster whose API is there, by --token and --ca-hash: keelson token create prints the"
                            + " line. What comes out of it is kept, so that a later start needs none of this.")
    private @Nullable String join;

    @Option(names = "--token", paramLabel = "TOKEN", description = "The secret that the cluster knows as well.")
    private @Nullable String token;

    @Option(
            names = "--ca-hash",
            paramLabel = "sha256:HEX",
            split = ",",
            description =
                    "The hash of the key of the cluster's authority, by which it is known to be no other cluster.")
    private List<String> hashes = List.of();

    @Override
    public Integer call() throws InterruptedException {
        NodePlan plan;
        try {
            plan = new PlanReading(flags, told -> LOG.info("{}", told))
                    .plan(
                            EmbeddedNodeSettings.of(
                                            embeddedRoot.toAbsolutePath(),
                                            embeddedRun.toAbsolutePath(),
                                            CriCommand.version())
                                    .withHandlers(handlers),
                            bundledImages,
                            embeddedRoot.toAbsolutePath().resolve("volumes"),
                            logLinks.toAbsolutePath(),
                            joining());
        } catch (IOException | IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "error: " + e.getMessage(), e);
        }
        CountDownLatch stop = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        Thread atExit = Thread.ofPlatform().unstarted(() -> {
            stop.countDown();
            awaitQuietly(ended);
        });
        Runtime.getRuntime().addShutdownHook(atExit);
        try {
            adjustOomScore(plan.oomScore());
            try (RunningNode node = RunningNode.start(plan)) {
                LOG.info("the node {} is at work with {}", plan.node().name(), node.runtime());
                stop.await();
                return 0;
            }
        } catch (IOException e) {
            spec.commandLine().getErr().println("error: " + e.getMessage());
            LOG.error("the agent cannot work: {}", e.getMessage());
            return 1;
        } finally {
            ended.countDown();
            forget(atExit);
        }
    }

    private Optional<JoinSettings> joining() {
        if (join == null) {
            if (token != null || !hashes.isEmpty()) {
                throw new IllegalArgumentException("--token and --ca-hash are for --join HOST:PORT, which is missing");
            }
            return Optional.empty();
        }
        if (token == null) {
            throw new IllegalArgumentException("--join needs --token: keelson token create makes one");
        }
        return Optional.of(new JoinSettings(join, JoinToken.parse(token), hashes, JoinSettings.PATIENCE));
    }

    private static void adjustOomScore(int score) {
        Path file = Path.of("/proc/self/oom_score_adj");
        try {
            Files.writeString(file, Integer.toString(score));
        } catch (IOException e) {
            LOG.info("{} stays as it is: {}", file, e.getMessage());
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            boolean _ = latch.await(END_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void forget(Thread atExit) {
        try {
            boolean _ = Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // It is what ended the work: it runs.
            LOG.debug("the process ends");
        }
    }
}
