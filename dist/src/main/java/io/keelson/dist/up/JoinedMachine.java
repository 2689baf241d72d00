package io.keelson.dist.up;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.agent.certificates.FollowedCertificate;
import io.keelson.agent.join.Discovery;
import io.keelson.agent.join.JoinProblem;
import io.keelson.agent.join.JoinSettings;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.process.Parts;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This machine as a node of a cluster that runs elsewhere, in this process. By a token it comes to know the cluster at first, and
 * reads how nodes are set up there; its agent gets a certificate, and by that, which the agent renews, all of it is known to the API
 * from then on. While that is away a machine that has joined starts with what it was told last, as after a restart of everything.
 *
 * <pre>
 *   token ──► cluster-info ──► bootstrap.kubeconfig ──► kubelet-config, kube-proxy, client CA ──► FOLDER/node
 *                                     └──► agent: certificate ──► agent.kubeconfig ──► proxy, DNS
 * </pre>
 */
final class JoinedMachine implements StartPlan.Started {
    private static final Logger LOG = LoggerFactory.getLogger(JoinedMachine.class);

    /** Shorter than whoever started this process waits for it. */
    private static final Duration DISCOVERY_MAX = Duration.ofSeconds(90);

    private final JoinPlan plan;
    private final NodeAccess access;
    private final Steps steps;
    private final Parts parts = new Parts();
    private final Time time = parts.opened(Time.system());
    private String url = "";

    private JoinedMachine(JoinPlan plan, Steps steps) {
        this.plan = plan;
        this.steps = steps;
        access = NodeAccess.joined(plan.folder());
    }

    /**
     * Starts all parts, and returns when the cluster sends pods here; or, if it cannot be reached and was joined before, when
     * there is nothing more to wait for.
     *
     * @throws IOException if one cannot start, or the cluster cannot be joined; its text says why. Nothing is left running then
     */
    static JoinedMachine start(JoinPlan plan, Steps steps) throws IOException, InterruptedException {
        JoinedMachine machine = new JoinedMachine(plan, steps);
        try {
            machine.open();
            return machine;
        } catch (IOException | InterruptedException | RuntimeException e) {
            machine.close();
            throw e;
        }
    }

    @Override
    public String url() {
        return url;
    }

    private void open() throws IOException, InterruptedException {
        parts.opened(NodeLock.take(plan.folder()));
        Optional<NodeConfiguration> told = ask(introduced());
        steps.done("cluster at " + url + (told.isPresent() ? "" : ", which does not answer"));
        MachineNode machine = new MachineNode(plan.place(), access, told.isPresent() ? told.get() : kept());
        machine.start(plan, parts);
        if (told.isEmpty()) {
            steps.done("node " + plan.place().name() + ", with what is known of the cluster");
            return;
        }
        FollowedCertificate own = parts.opened(FollowedCertificate.of(config(access.agent()), time));
        KubernetesClient client = parts.opened(own.client(List.of()));
        Steps.await("this machine's node is not ready", () -> machine.isReady(client));
        steps.done("node " + plan.place().name());
        if (plan.has(Part.DNS)) {
            machine.awaitNames();
            steps.done("DNS");
        }
        if (plan.joining().token().isPresent()) {
            plan.joining().withoutToken().write(plan.folder());
            Files.deleteIfExists(access.bootstrap().orElseThrow());
        }
    }

    /** By which file the cluster can be asked: one with the token, if there is one, or that of the node. */
    private Path introduced() throws IOException, InterruptedException {
        Optional<JoinSettings> settings = plan.joining().settings(DISCOVERY_MAX);
        if (settings.isEmpty()) {
            if (!Files.isReadable(access.agent())) {
                throw new IOException("this machine has not joined the cluster at "
                        + plan.joining().endpoint() + " yet, and the token is gone: " + howToJoin());
            }
            return access.agent();
        }
        Path bootstrap = access.bootstrap().orElseThrow();
        try {
            Discovery.writeBootstrapKubeconfig(bootstrap, settings.get(), time);
        } catch (JoinProblem e) {
            throw new IOException(e.getMessage(), e);
        }
        if (Files.isReadable(access.agent()) && !authority(access.agent()).equals(authority(bootstrap))) {
            throw new IOException("the cluster at " + settings.get().endpoint()
                    + " is not the one that this machine has joined, whose authority was another: end what is left of"
                    + " that one, " + Typed.forCluster("down", plan.folder(), "--wipe") + ", and join again");
        }
        return bootstrap;
    }

    private static String howToJoin() {
        return "keelson token create on a machine of the cluster prints the line to type here";
    }

    private static Config config(Path kubeconfig) throws IOException {
        return Config.fromKubeconfig(Files.readString(kubeconfig));
    }

    private static String authority(Path kubeconfig) throws IOException {
        return OrEmpty.of(config(kubeconfig).getCaCertData());
    }

    /** How nodes are set up there; empty if the cluster does not answer. */
    private Optional<NodeConfiguration> ask(Path kubeconfig) throws IOException {
        try (FollowedCertificate known = FollowedCertificate.of(config(kubeconfig), time);
                KubernetesClient client = known.client(List.of())) {
            url = client.getMasterUrl().toString().replaceFirst("/+$", "");
            return Optional.of(NodeConfiguration.read(client));
        } catch (KubernetesClientException e) {
            switch (e.getCode()) {
                case HttpURLConnection.HTTP_UNAUTHORIZED ->
                    throw new IOException(
                            "the cluster at " + url + " does not know this machine, whose certificate or token has come"
                                    + " to its end: " + howToJoin(),
                            e);
                case HttpURLConnection.HTTP_FORBIDDEN ->
                    throw new IOException(
                            "the cluster at " + url + " does not tell this machine how nodes are set up: "
                                    + Reason.of(e),
                            e);
                default -> LOG.warn("{} does not answer: {}", url, Reason.of(e));
            }
            return Optional.empty();
        }
    }

    private NodeConfiguration kept() throws IOException {
        return NodeConfiguration.kept(plan.place())
                .filter(any -> Files.isReadable(access.agent()))
                .orElseThrow(() -> new IOException("the cluster at " + url
                        + " does not answer, and this machine has not joined it yet: see whether it runs, and whether"
                        + " this machine reaches it"));
    }

    @Override
    public void close() {
        parts.close();
    }
}
