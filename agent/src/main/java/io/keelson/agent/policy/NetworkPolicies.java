package io.keelson.agent.policy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.agent.network.NetworkNamespace;
import io.keelson.controllers.runtime.Repeating;
import io.keelson.controllers.runtime.Time;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Enforces network policies for the pods of this node. While the cluster has no policies, only these are watched and
 * there is no table; with the first one pods and namespaces are watched, too.
 *
 * <p>What is guaranteed: rules that an earlier process wrote stay in force until all is known that the new ones are
 * made of, and are then replaced in one transaction. A pod whose addresses were told by {@link #protect} is under all
 * policies that were known here by then before that returns. What changes in the API later, policies as well as pods
 * that are peers, holds as soon as the watch has told of it and the rules are written, some milliseconds later. Rules
 * that somebody else changes or takes away are written again at once, as the kernel tells of it.
 *
 * <p>Any thread.
 */
public final class NetworkPolicies implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NetworkPolicies.class);

    private final PolicyInputs inputs;
    private final PolicyWriting writing;
    private final Repeating rounds;
    private final @Nullable TableEvents events;

    /**
     * How it is set up.
     *
     * @param nodeName pods of this node are isolated
     * @param isBuiltIn whether pods are on the built-in network; else rules are shown what goes over bridges
     * @param namespace the network namespace that takes the place of the machine's own; null for that of this process
     */
    public record Settings(
            String nodeName,
            BooleanSupplier isBuiltIn,
            @Nullable Path namespace) {}

    private NetworkPolicies(Settings settings, KubernetesClient client, Time time, PrometheusRegistry registry) {
        inputs = new PolicyInputs(settings.nodeName(), client, this::wake);
        TableWriter writer = new TableWriter(new NetworkNamespace(settings.namespace()));
        writing = new PolicyWriting(inputs, settings.isBuiltIn(), writer, new PolicyMetrics(registry, inputs), time);
        rounds = new Repeating("network-policies", time, writing::pause, writing::round);
        events = events(settings, writer);
    }

    private @Nullable TableEvents events(Settings settings, TableWriter writer) {
        try {
            return new TableEvents(new NetworkNamespace(settings.namespace()), sender -> {
                writer.seen(sender);
                wake();
            });
        } catch (IOException e) {
            LOG.warn("changes of the rules of policies by others are not seen: {}", e.getMessage());
            return null;
        }
    }

    private void wake() {
        rounds.wake();
    }

    /** Enforces policies from now on, as soon as the API can be read. */
    public static NetworkPolicies start(
            Settings settings, KubernetesClient client, Time time, PrometheusRegistry registry) {
        NetworkPolicies started = new NetworkPolicies(settings, client, time, registry);
        started.inputs.start();
        started.rounds.start();
        return started;
    }

    /**
     * Puts a pod of this node under its policies before its containers start: to be called when its sandbox has
     * addresses, and again when it has others. Returns when the rules are written.
     *
     * @param pod as the API has it, or a static one
     * @param addresses of its sandbox
     * @return false if the rules were not written within the limit, as the API or the kernel did not answer; they are
     *     written as soon as these do
     */
    public boolean protect(Pod pod, List<String> addresses, Duration limit) throws InterruptedException {
        return PolicyPod.hasNoTraffic(pod) || writing.awaitWritten(inputs.tell(pod, addresses), limit);
    }

    /** The addresses that were told of a pod are its no more. Not needed for a pod whose deletion the API tells. */
    public void forget(Pod pod) {
        inputs.forget(pod);
    }

    /** Follows changes no more; the rules stay, as pods do. */
    @Override
    public void close() {
        inputs.close();
        writing.close();
        rounds.close();
        if (events != null) {
            events.close();
        }
    }
}
