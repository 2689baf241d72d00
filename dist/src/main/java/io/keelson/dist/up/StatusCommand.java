package io.keelson.dist.up;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.agent.certificates.FollowedCertificate;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code keelson status}: whether a cluster runs, and what is in it. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description =
                "Says whether the cluster, or the node of another one, runs and what is in it. Ends with 3 if it does not"
                        + " run, with 1 if it is ill.")
public final class StatusCommand implements Callable<Integer> {
    private static final Duration CALL_MAX = Duration.ofSeconds(10);

    /** As of services that do not run. */
    private static final int EXIT_CODE_NOT_RUNNING = 3;

    @Spec
    private CommandSpec spec;

    @Mixin
    private DataOption data;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Path folder = data.folder();
        try {
            Optional<ProcessFile.Running> running = ProcessFile.read(folder);
            if (running.isEmpty()) {
                out.println("No " + JoinFile.kind(folder) + " runs in " + folder + ".");
                return EXIT_CODE_NOT_RUNNING;
            }
            tell(out, running.get(), JoinFile.read(folder));
            return 0;
        } catch (KubernetesClientException e) {
            out.flush();
            err.println("keelson status: the API does not answer as it should: " + Reason.of(e));
            if (JoinFile.isIn(folder)) {
                err.println("This machine's pods run on meanwhile. The log says more: " + folder.resolve("log"));
            } else {
                err.println("Its log says more: " + folder.resolve("log") + ". To begin it again: "
                        + Typed.forCluster("down", folder) + ", then " + Typed.forCluster("up", folder));
            }
            return 1;
        } catch (IOException e) {
            out.flush();
            err.println("keelson status: " + Reason.of(e));
            return 1;
        }
    }

    private static void tell(PrintWriter out, ProcessFile.Running running, Optional<JoinFile> joined)
            throws IOException {
        out.println("process     " + running.handle().pid());
        out.println("kubeconfig  " + running.kubeconfig());
        String place = joined.isPresent() ? "joined      " : "serves      ";
        if (running.url().isEmpty()) {
            out.println(place + "not yet");
            return;
        }
        out.println(place + running.url());
        if (!Files.isReadable(running.kubeconfig())) {
            throw new IOException(
                    "the kubeconfig " + running.kubeconfig() + " cannot be read: the next start writes it again");
        }
        Config config = Config.fromKubeconfig(Files.readString(running.kubeconfig()));
        // A node's kubeconfig names one file for certificate and key, which the library cannot read.
        try (Time time = Time.system();
                FollowedCertificate known = FollowedCertificate.of(config, time);
                KubernetesClient client = known.client(CALL_MAX, List.of())) {
            out.println("version     " + client.getKubernetesVersion().getGitVersion());
            if (joined.isPresent()) {
                tell(out, client, joined.get().node());
            } else {
                tell(out, client);
            }
        }
    }

    private static void tell(PrintWriter out, KubernetesClient client) {
        List<Node> nodes = client.nodes().list().getItems();
        out.println("nodes       " + nodes.size() + ", "
                + nodes.stream().filter(StatusCommand::isReady).count() + " ready");
        out.println(pods(client.pods().inAnyNamespace().list().getItems()));
    }

    private static void tell(PrintWriter out, KubernetesClient client, String name) {
        Node node = client.nodes().withName(name).get();
        out.println(
                "node        " + name + (node == null ? ", unknown there" : isReady(node) ? ", ready" : ", not ready"));
        out.println(pods(client.pods()
                .inAnyNamespace()
                .withField("spec.nodeName", name)
                .list()
                .getItems()));
    }

    private static String pods(List<Pod> pods) {
        return "pods        " + pods.size() + ", "
                + pods.stream()
                        .filter(pod -> pod.getStatus() != null
                                && "Running".equals(pod.getStatus().getPhase()))
                        .count()
                + " running";
    }

    private static boolean isReady(Node node) {
        return node.getStatus() != null
                && node.getStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Ready")
                                && condition.getStatus().equals("True"));
    }
}
