package io.keelson.scheduler;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import io.keelson.scheduler.state.PodInfo;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes into pods why they are not scheduled, the condition {@code PodScheduled}, and where room is made for them.
 * None is told what it says already.
 *
 * <p>Reports may wait for long, as calls to the API are so many a second. What is not written when a pod is about to be bound
 * is {@linkplain #takeBack taken back}: written later, it would say of a pod on a node that it has none.
 */
final class PodReports extends ConditionReports<String, PodReports.Report> {
    private static final Logger LOG = LoggerFactory.getLogger(PodReports.class);
    private static final String CONDITION = "PodScheduled";
    private static final int WRITERS_MAX = 32;

    /** What was written last into pods that still wait, as the watch may not have told of it. */
    private final Map<String, Text> written = new HashMap<>();

    record Text(String reason, String message, String nominatedNode) {}

    record Report(PodInfo pod, Text text) {}

    PodReports(KubernetesClient client, InstantSource clock) {
        super(client, clock, "report", WRITERS_MAX);
    }

    /**
     * A pod is not scheduled.
     *
     * @param reason one word
     * @param nominatedNode on which node room is being made for it; empty for none
     */
    synchronized void tell(PodInfo pod, String reason, String message, String nominatedNode) {
        Text text = new Text(reason, message, nominatedNode);
        if (!isBeingWritten(pod.uid()) && text.equals(last(pod))) {
            withdraw(pod.uid());
        } else {
            submit(pod.uid(), new Report(pod, text));
        }
    }

    private @Nullable Text last(PodInfo pod) {
        Text own = written.get(pod.uid());
        if (own != null) {
            return own;
        }
        PodCondition condition = Pods.condition(pod.pod(), CONDITION);
        return condition == null || !"False".equals(condition.getStatus())
                ? null
                : new Text(
                        OrEmpty.of(condition.getReason()),
                        OrEmpty.of(condition.getMessage()),
                        nominatedNode(pod.pod()));
    }

    /**
     * A pod is to be on a node, which may take long, and others who look at pods may want to know: its status says so. The API
     * takes that back when it binds the pod, and the next report if it does not. Failures are only logged, as the pod can do
     * without.
     */
    void nominate(PodInfo pod, String node) throws InterruptedException {
        if (node.equals(nominatedNode(pod.pod()))) {
            return;
        }
        boolean known = writeAlone(pod.uid(), () -> {
            try {
                var _ = merge(pod.pod(), Map.of("nominatedNodeName", node));
            } catch (RuntimeException e) {
                LOG.info("pod {} does not say that it is to be on node {}: {}", pod.key(), node, e.getMessage());
            }
        });
        if (known) {
            synchronized (this) {
                // Whatever is told next is other than this, and is written.
                written.put(pod.uid(), new Text("", "", node));
            }
        }
    }

    /** On which node the API says that room is being made for a pod; empty for none. */
    static String nominatedNode(Pod pod) {
        return pod.getStatus() == null ? "" : OrEmpty.of(pod.getStatus().getNominatedNodeName());
    }

    /** A pod is scheduled, or gone. */
    @Override
    synchronized void forget(String uid) {
        super.forget(uid);
        written.remove(uid);
    }

    @Override
    void written(String uid, Report report, boolean well) {
        if (well) {
            written.put(uid, report.text());
        } else {
            written.remove(uid);
        }
        Report later = waiting(uid);
        if (later != null && later.text().equals(written.get(uid))) {
            withdraw(uid);
        }
    }

    @Override
    String subject(Report report) {
        return "pod " + report.pod().key() + " is not told why it waits";
    }

    @Override
    boolean write(Report report) {
        Pod pod = report.pod().pod();
        Text text = report.text();
        PodCondition before = Pods.condition(pod, CONDITION);
        String since = before != null && "False".equals(before.getStatus()) ? before.getLastTransitionTime() : null;
        Map<String, @Nullable Object> condition =
                condition(pod, CONDITION, "False", text.reason(), text.message(), since);
        condition.put("lastProbeTime", null);
        return merge(pod, Map.of("conditions", List.of(condition), "nominatedNodeName", text.nominatedNode()));
    }
}
