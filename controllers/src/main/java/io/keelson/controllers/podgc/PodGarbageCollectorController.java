package io.keelson.controllers.podgc;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.Deletion;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.AtOnce;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Patch;
import io.keelson.controllers.runtime.Setup;
import io.prometheus.metrics.core.metrics.Counter;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes pods that nobody else will. It has no keys: which pods go is a question about all of them, asked from time to
 * time; what fails is asked again the next time.
 */
public final class PodGarbageCollectorController implements Controller {
    private static final Logger LOG = LoggerFactory.getLogger(PodGarbageCollectorController.class);
    private static final Duration PERIOD = Duration.ofSeconds(20);
    private static final int AT_ONCE = 16;
    /** What the API answers where an object is another one than the patch says. */
    private static final int UNPROCESSABLE = 422;

    private final KubernetesClient client;
    private final Context context;
    private final Cache<Pod> pods;
    private final Cache<Node> nodes;
    private final int terminatedMax;
    private final Quarantine quarantine = new Quarantine();
    private final Counter deletions;
    private final Counter failures;

    private PodGarbageCollectorController(Context context, Setup setup, PodGarbageCollectorSettings settings) {
        this.context = context;
        client = context.client();
        pods = setup.read(Pod.class);
        nodes = setup.read(Node.class);
        terminatedMax = settings.terminatedPodThreshold();
        deletions = setup.metrics()
                .counter("pod_gc_collector_force_delete_pods_total", "Pods that are removed", "namespace", "reason");
        failures = setup.metrics()
                .counter(
                        "pod_gc_collector_force_delete_pod_errors_total",
                        "Pods that could not be removed",
                        "namespace",
                        "reason");
        setup.every(PERIOD, this::sweep);
    }

    /** {@code pod-garbage-collector-controller}. */
    public static ControllerDescriptor descriptor() {
        return descriptor(PodGarbageCollectorSettings.DEFAULT);
    }

    /** {@code pod-garbage-collector-controller}. */
    public static ControllerDescriptor descriptor(PodGarbageCollectorSettings settings) {
        return new ControllerDescriptor(
                "pod-garbage-collector-controller",
                1,
                (context, setup) -> new PodGarbageCollectorController(context, setup, settings));
    }

    /** Nothing: no change brings a key. */
    @Override
    public Outcome reconcile(Key key) {
        return Outcome.done();
    }

    private void sweep() throws InterruptedException {
        Instant now = context.time().instant();
        List<Pod> all = pods.all();
        Map<String, Node> byName = new HashMap<>();
        nodes.all().forEach(node -> byName.put(node.getMetadata().getName(), node));
        Set<String> gone = new HashSet<>();
        for (String node :
                quarantine.over(Sweep.missingNodes(all, byName), context.time().steady())) {
            if (isGone(node)) {
                gone.add(node);
            }
        }
        List<RuntimeException> failed =
                AtOnce.run(Sweep.of(all, byName, gone, terminatedMax), AT_ONCE, going -> count(going, now));
        failed.forEach(failure -> LOG.warn("a pod is not removed until the next time: {}", failure.getMessage()));
    }

    /** Not from the cache: a pod must not be lost because a watch is late. */
    private boolean isGone(String node) {
        try {
            return client.nodes().withName(node).get() == null;
        } catch (KubernetesClientException e) {
            LOG.warn("whether node {} is gone is asked the next time: {}", node, e.getMessage());
            return false;
        }
    }

    private void count(Sweep.Going going, Instant now) {
        String namespace = going.pod().getMetadata().getNamespace();
        deletions.labelValues(namespace, going.reason().word()).inc();
        try {
            remove(going, now);
        } catch (RuntimeException e) {
            failures.labelValues(namespace, going.reason().word()).inc();
            throw e;
        }
    }

    private void remove(Sweep.Going going, Instant now) {
        Pod pod = going.pod();
        LOG.info("{} is removed: {}", Key.of(pod), going.reason());
        if (Pods.isTerminal(pod) || fail(going, now)) {
            Deletion.of(client, pod, 0L, null);
        }
    }

    /** Marks a pod as failed; whether it is there. */
    private boolean fail(Sweep.Going going, Instant now) {
        Pod pod = going.pod();
        Map<String, Object> status = new HashMap<>();
        status.put("phase", "Failed");
        if (going.reason() == Sweep.Reason.ORPHANED) {
            status.put("conditions", List.of(disrupted(pod, now)));
        }
        try {
            Patch.of(client, pod)
                    .status()
                    .strategic(
                            Map.of("metadata", Map.of("uid", pod.getMetadata().getUid()), "status", status));
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND
                    || e.getCode() == HttpURLConnection.HTTP_CONFLICT
                    || e.getCode() == UNPROCESSABLE) {
                return false;
            }
            throw e;
        }
    }

    private static PodCondition disrupted(Pod pod, Instant now) {
        PodCondition before = Pods.condition(pod, "DisruptionTarget");
        String since = before != null && "True".equals(before.getStatus()) ? before.getLastTransitionTime() : null;
        return new PodConditionBuilder()
                .withType("DisruptionTarget")
                .withStatus("True")
                .withReason("DeletionByPodGC")
                .withMessage("PodGC: node no longer exists")
                .withObservedGeneration(pod.getMetadata().getGeneration())
                .withLastTransitionTime(
                        since == null ? now.truncatedTo(ChronoUnit.SECONDS).toString() : since)
                .build();
    }
}
