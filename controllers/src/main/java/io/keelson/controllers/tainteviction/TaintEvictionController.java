package io.keelson.controllers.tainteviction;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.Deletion;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.objects.PodsOnNodes;
import io.keelson.controllers.objects.Taints;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import io.keelson.controllers.runtime.Time;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * {@code taint-eviction-controller}. A key is a pod; the changes of a node concern all pods that are on it.
 *
 * <p>A pod is remembered from the moment that it is seen to have to leave; once deleted it is remembered as such until it is
 * gone, so that a cache that is late does not have it deleted, and told of, twice.
 */
public final class TaintEvictionController implements Controller {
    private static final String NAME = "taint-eviction-controller";
    private static final int WORKERS = 8;
    private static final String REASON = "TaintManagerEviction";

    private final KubernetesClient client;
    private final Events events;
    private final Time time;
    private final Cache<Node> nodes;
    private final Cache<Pod> pods;
    private final PodsOnNodes podsOnNodes;

    private final Counter deletions;
    private final Histogram late;

    /** By pod; as many as there are pods that have to leave. */
    private final Map<Key, Leaving> leaving = new ConcurrentHashMap<>();

    /**
     * A pod that has to leave.
     *
     * @param pod as it was seen first
     * @param due when its time is over, by the clock that nobody sets
     * @param asked whether it was asked to
     */
    private record Leaving(Pod pod, Instant due, boolean asked) {
        boolean is(Pod other) {
            return pod.getMetadata().getUid().equals(other.getMetadata().getUid());
        }
    }

    private TaintEvictionController(Context context, Setup setup) {
        client = context.client();
        events = context.events().from(NAME);
        time = context.time();
        pods = setup.watch(Pod.class, TaintEvictionController::concerned);
        podsOnNodes = new PodsOnNodes(pods);
        nodes = setup.watch(Node.class, this::onNode);
        deletions = setup.metrics()
                .counter("taint_eviction_controller_pod_deletions_total", "Pods deleted because of a taint");
        late = setup.metrics()
                .histogram(
                        "taint_eviction_controller_pod_deletion_duration_seconds",
                        "How long after their time pods were deleted",
                        0.005,
                        2,
                        18);
    }

    /** The controller. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor(NAME, WORKERS, TaintEvictionController::new);
    }

    private static List<Key> concerned(Change<Pod> change) {
        @Nullable Pod before = change.before();
        @Nullable Pod now = change.now();
        boolean same = before != null
                && now != null
                && before.getMetadata().getUid().equals(now.getMetadata().getUid())
                && Pods.node(before).equals(Pods.node(now))
                && Objects.equals(
                        before.getSpec().getTolerations(), now.getSpec().getTolerations());
        return same || Pods.node(change.object()).isEmpty() ? List.of() : List.of(Key.of(change.object()));
    }

    /** A node that is gone has no say: its pods are left to what was decided, and to the collection of garbage. */
    private List<Key> onNode(Change<Node> change) {
        @Nullable Node before = change.before();
        @Nullable Node now = change.now();
        if (now == null || (before == null ? List.of() : noExecute(before)).equals(noExecute(now))) {
            return List.of();
        }
        return podsOnNodes.of(now.getMetadata().getName()).stream().map(Key::of).toList();
    }

    private static List<Taint> noExecute(Node node) {
        return node.getSpec() == null
                ? List.of()
                : OrEmpty.of(node.getSpec().getTaints()).stream()
                        .filter(taint -> Taints.NO_EXECUTE.equals(taint.getEffect()))
                        .toList();
    }

    @Override
    public Outcome reconcile(Key key) {
        Leaving before = leaving.get(key);
        Pod pod = pods.get(key);
        if (before != null && (pod == null || !before.is(pod))) {
            stay(key, before);
            before = null;
        }
        if (pod == null || Pods.node(pod).isEmpty() || (before != null && before.asked())) {
            return Outcome.done();
        }
        Node node = nodes.get("", Pods.node(pod));
        Leaving now = node == null ? before : leaving(pod, noExecute(node), before);
        if (now == null) {
            if (before != null) {
                stay(key, before);
            }
            return Outcome.done();
        }
        leaving.put(key, now);
        Duration left = Duration.between(time.steady(), now.due());
        if (left.isPositive()) {
            return Outcome.after(left);
        }
        evict(key, pod, now.due());
        leaving.put(key, new Leaving(now.pod(), now.due(), true));
        return Outcome.done();
    }

    /**
     * When a pod has to leave; null if it may stay. What was decided stands while it has to leave at all, whatever the reason
     * is by now: a node that is not ready at first and unreachable then does not give its pods more time. A reason that
     * gives it less counts from now.
     */
    private @Nullable Leaving leaving(Pod pod, List<Taint> taints, @Nullable Leaving before) {
        Duration limit =
                Stay.of(taints, OrEmpty.of(pod.getSpec().getTolerations())).limit();
        if (limit == null) {
            return null;
        }
        Instant due = time.steady().plus(limit);
        return before != null && !due.isBefore(before.due()) ? before : new Leaving(pod, due, false);
    }

    private void stay(Key key, Leaving before) {
        leaving.remove(key);
        if (!before.asked()) {
            events.normal(before.pod(), REASON, "Cancelling deletion of Pod " + key);
        }
    }

    /** Says in the pod's status why it has to leave, then deletes it; nothing if it is on its way already. */
    private void evict(Key key, Pod pod, Instant due) {
        if (Pods.isTerminating(pod)) {
            return;
        }
        Pod marked = disrupted(pod, time.instant());
        if (marked != null) {
            try {
                client.resource(marked).updateStatus();
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                    throw e;
                }
                return;
            }
        }
        if (Deletion.of(client, pod)) {
            deletions.inc();
            late.observe(ControllerMetrics.seconds(Duration.between(due, time.steady())));
            events.normal(pod, REASON, "Marking for deletion Pod " + key);
        }
    }

    /** A pod with the condition that says why it has to leave; null if it has it. */
    static @Nullable Pod disrupted(Pod pod, Instant now) {
        PodCondition known = Pods.condition(pod, "DisruptionTarget");
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        if (known != null && "True".equals(known.getStatus())) {
            time = known.getLastTransitionTime();
        }
        PodCondition condition = new PodConditionBuilder()
                .withType("DisruptionTarget")
                .withStatus("True")
                .withReason("DeletionByTaintManager")
                .withMessage("Taint manager: deleting due to NoExecute taint")
                .withLastTransitionTime(time)
                .withObservedGeneration(pod.getMetadata().getGeneration())
                .build();
        if (condition.equals(known)) {
            return null;
        }
        return new PodBuilder(pod)
                .editOrNewStatus()
                .removeMatchingFromConditions(each -> "DisruptionTarget".equals(each.getType()))
                .addToConditions(condition)
                .endStatus()
                .build();
    }
}
