package io.keelson.agent.command;

import io.keelson.agent.cri.ObserverMetrics;
import io.keelson.agent.cri.RunningMetrics;
import io.keelson.agent.cri.RuntimeCallMetrics;
import io.keelson.agent.cri.RuntimeCheck;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.cri.RuntimeObserver;
import io.keelson.agent.cri.RuntimeProfile;
import io.keelson.agent.cri.RuntimeSockets;
import io.keelson.agent.cri.RuntimeUnusableException;
import io.keelson.agent.embedded.assembly.EmbeddedNode;
import io.keelson.agent.embedded.images.bundled.BundledImages;
import io.keelson.agent.node.NodeSigns;
import io.keelson.agent.wire.cri.CgroupDriver;
import io.keelson.controllers.process.Parts;
import io.keelson.controllers.runtime.Time;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where containers run.
 *
 * @param embedded the one of this process; empty if it is behind a socket
 * @param observer what it has
 */
record NodeRuntime(
        Optional<EmbeddedNode> embedded,
        RuntimeConnection connection,
        RuntimeCheck check,
        RuntimeProfile profile,
        RuntimeObserver observer) {
    private static final Logger LOG = LoggerFactory.getLogger(NodeRuntime.class);
    private static final Duration CHECK_LIMIT = Duration.ofSeconds(10);

    /**
     * Finds it ready.
     *
     * @param podRanges from which pods get addresses; empty while that is not known
     * @throws IOException if it cannot be used; the text says why, and what to do
     */
    static NodeRuntime open(
            NodePlan plan, Supplier<List<String>> podRanges, Time time, PrometheusRegistry metrics, Parts parts)
            throws IOException, InterruptedException {
        plan.runtime().passedOver().forEach(LOG::warn);
        try {
            Optional<EmbeddedNode> embedded = Optional.empty();
            RuntimeConnection connection;
            if (plan.runtime().embedded()) {
                embedded = Optional.of(parts.opened(EmbeddedNode.start(plan.embedded(), podRanges, time)));
                connection = embedded.get().connection();
                if (plan.bundledImages()) {
                    BundledImages.addTo(embedded.get().images()).advice().ifPresent(LOG::info);
                }
            } else {
                connection = parts.opened(new RuntimeSockets(time))
                        .connect(
                                plan.runtime().runtime().orElseThrow(),
                                plan.runtime().images().orElseThrow());
            }
            connection = new RuntimeCallMetrics(metrics).counted(connection);
            RuntimeCheck check = new RuntimeCheck(connection, CHECK_LIMIT);
            RuntimeProfile profile = check.profile();
            if (profile.cgroupDriver().filter(CgroupDriver.SYSTEMD::equals).isPresent()) {
                throw new RuntimeUnusableException(
                        profile.url() + " leaves cgroups to systemd, and this agent makes them"
                                + " itself: set SystemdCgroup = false (containerd), or cgroup_manager = \"cgroupfs\" (CRI-O)");
            }
            profile.lacks().forEach(lack -> LOG.info("the container runtime {} {}", profile.url(), lack));
            RuntimeObserver observer =
                    parts.opened(new RuntimeObserver(connection, plan.observer(), time, new ObserverMetrics(metrics)));
            RunningMetrics.register(observer::pods, metrics);
            observer.start();
            return new NodeRuntime(embedded, connection, check, profile, observer);
        } catch (RuntimeUnusableException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Why it does not run pods now, in words; empty if it does. */
    List<String> problems() {
        List<String> problems = new ArrayList<>(check.problems(true));
        observer.problem().ifPresent(problems::add);
        return problems;
    }

    /** Why pods of a handler cannot have users of their own, and what to do; empty if they can. */
    Optional<String> userNamespaceProblem(String handler) {
        return profile.userNamespaceProblem(check.handlers(), handler);
    }

    /** What the node tells of it. */
    NodeSigns.ContainerRuntime signs() {
        Map<String, NodeSigns.Handler> handlers = new TreeMap<>();
        check.handlers()
                .forEach((name, can) ->
                        handlers.put(name, new NodeSigns.Handler(can.recursiveReadOnlyMounts(), can.userNamespaces())));
        return new NodeSigns.ContainerRuntime(profile.url(), handlers, profile.supplementalGroupsPolicy());
    }

    /**
     * Whether all that is mounted in a read-only volume can be read-only, too: by the runtime's usual handler; another one
     * that cannot says so when it is asked to.
     */
    boolean hasRecursiveReadOnly() {
        RuntimeProfile.Handler usual = check.handlers().get("");
        return usual != null && usual.recursiveReadOnlyMounts();
    }
}
