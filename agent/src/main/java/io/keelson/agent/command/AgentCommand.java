package io.keelson.agent.command;

import io.keelson.agent.config.AgentFlags;
import io.keelson.agent.embedded.assembly.CriCommand;
import io.keelson.agent.embedded.assembly.EmbeddedNodeSettings;
import io.keelson.agent.embedded.images.command.RegistryOption;
import io.keelson.agent.join.JoinFlags;
import io.keelson.agent.join.JoinSettings;
import io.keelson.controllers.manager.KubernetesVersion;
import io.keelson.controllers.process.GracefulShutdown;
import io.keelson.controllers.process.OwnOomScore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
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
    private static final Duration END_MAX = Duration.ofSeconds(20);

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

    @Mixin
    private RegistryOption registries = new RegistryOption();

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

    @Mixin
    private JoinFlags join = new JoinFlags();

    @Override
    public Integer call() {
        NodePlan plan;
        try {
            plan = new PlanReading(flags, told -> LOG.info("{}", told))
                    .plan(
                            EmbeddedNodeSettings.of(
                                            embeddedRoot.toAbsolutePath(),
                                            embeddedRun.toAbsolutePath(),
                                            CriCommand.version())
                                    .withHandlers(handlers)
                                    .withRegistries(registries.read()),
                            bundledImages,
                            embeddedRoot.toAbsolutePath().resolve("volumes"),
                            logLinks.toAbsolutePath(),
                            join.settings(JoinSettings.PATIENCE));
        } catch (IOException | IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "error: " + e.getMessage(), e);
        }
        try {
            return GracefulShutdown.run(END_MAX, () -> work(plan));
        } catch (IOException e) {
            spec.commandLine().getErr().println("error: " + e.getMessage());
            LOG.error("the agent cannot work: {}", e.getMessage());
            return 1;
        }
    }

    private static int work(NodePlan plan) throws IOException, InterruptedException {
        OwnOomScore.set(plan.oomScore());
        try (RunningNode node = RunningNode.start(plan)) {
            LOG.info("the node {} is at work with {}", plan.node().name(), node.runtime());
            GracefulShutdown.await();
            return 0;
        }
    }
}
