package io.keelson.agent.resources.topology;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.pods.PodAdmission.Refusal;
import io.keelson.agent.pods.PodPlacement;
import io.keelson.agent.pods.PodProblem;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a pod that comes in what it needs of processors, memory and devices, close together as the policy says. Who
 * cannot be served is kept out, and has nothing then.
 */
public final class TopologyAdmission implements PodPlacement {
    private static final Logger LOG = LoggerFactory.getLogger(TopologyAdmission.class);
    private static final Refusal APART =
            new Refusal("TopologyAffinityError", "Resources cannot be allocated with Topology locality");

    private final TopologyPolicy policy;
    private final TopologyScope scope;
    private final NodeSet all;
    private final Comparator<NodeSet> nearest;
    private final List<HintSource> sources;
    private final Time time;
    private final TopologyMetrics metrics;

    /**
     * Of a machine.
     *
     * @param all its nodes
     * @param nearest how to choose between sets of as many nodes
     * @param nodesMax how many nodes it may have at most ({@code max-allowable-numa-nodes})
     * @throws IllegalArgumentException if it has more and the policy looks at them
     */
    public TopologyAdmission(
            TopologyPolicy policy,
            TopologyScope scope,
            NodeSet all,
            Comparator<NodeSet> nearest,
            int nodesMax,
            List<HintSource> sources,
            Time time,
            TopologyMetrics metrics) {
        if (policy != TopologyPolicy.NONE && all.size() > Math.min(nodesMax, NodeSet.LOOKED_AT_MAX)) {
            throw new IllegalArgumentException("unsupported on machines with more than "
                    + Math.min(nodesMax, NodeSet.LOOKED_AT_MAX) + " NUMA Nodes");
        }
        this.policy = policy;
        this.scope = scope;
        this.all = all;
        this.nearest = nearest;
        this.sources = List.copyOf(sources);
        this.time = time;
        this.metrics = metrics;
    }

    @Override
    public Optional<Refusal> take(Pod pod) {
        long begin = time.nanoTime();
        Optional<Refusal> refusal;
        try {
            refusal = served(pod) ? Optional.empty() : Optional.of(APART);
        } catch (PodProblem e) {
            refusal = Optional.of(unexpected(e));
        }
        if (refusal.isPresent()) {
            release(pod);
        }
        metrics.admitted(refusal.isEmpty(), Duration.ofNanos(time.nanoTime() - begin));
        return refusal;
    }

    @Override
    public Optional<Refusal> complete(Pod pod) throws InterruptedException {
        try {
            for (HintSource source : sources) {
                source.complete(pod);
            }
            return Optional.empty();
        } catch (PodProblem e) {
            release(pod);
            return Optional.of(unexpected(e));
        }
    }

    private static Refusal unexpected(PodProblem why) {
        return new Refusal("UnexpectedAdmissionError", why.message());
    }

    private boolean served(Pod pod) throws PodProblem {
        Hint ofPod = Hint.FREE;
        if (policy != TopologyPolicy.NONE && scope == TopologyScope.POD) {
            List<Map<String, List<Hint>>> hints = new ArrayList<>();
            for (HintSource source : sources) {
                hints.add(source.hints(pod));
            }
            ofPod = merged(hints);
            if (!policy.admits(ofPod)) {
                return false;
            }
        }
        List<Container> containers = new ArrayList<>(OrEmpty.of(pod.getSpec().getInitContainers()));
        containers.addAll(OrEmpty.of(pod.getSpec().getContainers()));
        for (Container container : containers) {
            Hint where = ofPod;
            if (policy != TopologyPolicy.NONE && scope == TopologyScope.CONTAINER) {
                List<Map<String, List<Hint>>> hints = new ArrayList<>();
                for (HintSource source : sources) {
                    hints.add(source.hints(pod, container));
                }
                where = merged(hints);
                if (!policy.admits(where)) {
                    return false;
                }
            }
            for (HintSource source : sources) {
                source.allocate(pod, container, where);
            }
        }
        return true;
    }

    private Hint merged(List<Map<String, List<Hint>>> hints) {
        List<List<Hint>> resources =
                hints.stream().flatMap(ofSource -> ofSource.values().stream()).toList();
        return policy.merge(all, resources, nearest);
    }

    private void release(Pod pod) {
        for (HintSource source : sources) {
            try {
                source.release(pod.getMetadata().getUid());
            } catch (PodProblem e) {
                // It is taken back with the cgroup of the pod, of which nothing is there.
                LOG.warn(
                        "what pod {} was given is not taken back yet: {}",
                        pod.getMetadata().getUid(),
                        e.message());
            }
        }
    }
}
