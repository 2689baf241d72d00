package io.keelson.scheduler;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.objects.Refusals;
import io.keelson.scheduler.state.PodInfo;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes into pods why they are not scheduled, the condition {@code PodScheduled}, and where room is made for them. A few
 * virtual threads do it, for each pod one at a time; of several reports on a pod that wait only the last is written, and none
 * that says what the pod says already. So it holds one report for each pod at most.
 *
 * <p>Reports may wait for long, as calls to the API are so many a second. What is not written when a pod is about to be bound
 * is {@linkplain #takeBack taken back}: written later, it would say of a pod on a node that it has none.
 */
final class PodReports implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PodReports.class);
    private static final String CONDITION = "PodScheduled";
    private static final int WRITERS_MAX = 32;

    private final KubernetesClient client;
    private final InstantSource clock;
    private final Workers workers = new Workers("report");
    private final Map<String, Report> waiting = new LinkedHashMap<>();
    private final Set<String> beingWritten = new HashSet<>();
    /** What was written last into pods that still wait, as the watch may not have told of it. */
    private final Map<String, Text> written = new HashMap<>();

    private int writers;
    private boolean closed;

    private record Text(String reason, String message, String nominatedNode) {}

    private record Report(PodInfo pod, Text text) {}

    PodReports(KubernetesClient client, InstantSource clock) {
        this.client = client;
        this.clock = clock;
    }

    /**
     * A pod is not scheduled.
     *
     * @param reason one word
     * @param nominatedNode on which node room is being made for it; empty for none
     */
    synchronized void tell(PodInfo pod, String reason, String message, String nominatedNode) {
        waiting.remove(pod.uid());
        Text text = new Text(reason, message, nominatedNode);
        if (closed || (!beingWritten.contains(pod.uid()) && text.equals(last(pod)))) {
            return;
        }
        waiting.put(pod.uid(), new Report(pod, text));
        if (writers < WRITERS_MAX) {
            writers++;
            workers.execute(this::write);
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

    /** On which node the API says that room is being made for a pod; empty for none. */
    static String nominatedNode(Pod pod) {
        return pod.getStatus() == null ? "" : OrEmpty.of(pod.getStatus().getNominatedNodeName());
    }

    /**
     * A pod is about to be bound: what waits to be written about it is not, and what is being written is waited for. Not for
     * the thread that owns the state.
     */
    synchronized void takeBack(String uid) throws InterruptedException {
        waiting.remove(uid);
        while (beingWritten.contains(uid)) {
            wait();
        }
    }

    /** A pod is scheduled, or gone. */
    synchronized void forget(String uid) {
        waiting.remove(uid);
        written.remove(uid);
        beingWritten.remove(uid);
        notifyAll();
    }

    private void write() {
        for (Report report = next(); report != null; report = next()) {
            boolean well = false;
            try {
                well = write(report);
            } catch (RuntimeException e) {
                // It is told when it is tried the next time.
                LOG.info("pod {} is not told why it waits: {}", report.pod().key(), Refusals.message(e));
            } finally {
                done(report, well);
            }
        }
    }

    private synchronized @Nullable Report next() {
        Iterator<Report> reports = waiting.values().iterator();
        while (reports.hasNext()) {
            Report report = reports.next();
            if (beingWritten.add(report.pod().uid())) {
                reports.remove();
                return report;
            }
        }
        writers--;
        return null;
    }

    private synchronized void done(Report report, boolean well) {
        String uid = report.pod().uid();
        boolean wanted = beingWritten.remove(uid);
        notifyAll();
        if (well && wanted) {
            written.put(uid, report.text());
        } else {
            written.remove(uid);
        }
        Report later = waiting.get(uid);
        if (later != null && later.text().equals(written.get(uid))) {
            waiting.remove(uid);
        }
    }

    private boolean write(Report report) {
        Pod pod = report.pod().pod();
        PodCondition before = Pods.condition(pod, CONDITION);
        Map<String, @Nullable Object> condition = new LinkedHashMap<>();
        condition.put("type", CONDITION);
        condition.put("status", "False");
        condition.put("reason", report.text().reason());
        condition.put("message", report.text().message());
        condition.put("lastProbeTime", null);
        condition.put(
                "lastTransitionTime",
                before != null && "False".equals(before.getStatus()) && before.getLastTransitionTime() != null
                        ? before.getLastTransitionTime()
                        : clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
        if (pod.getMetadata().getGeneration() != null) {
            condition.put("observedGeneration", pod.getMetadata().getGeneration());
        }
        Map<String, Object> change = Map.of(
                "metadata",
                Map.of("uid", report.pod().uid()),
                "status",
                Map.of(
                        "conditions",
                        List.of(condition),
                        "nominatedNodeName",
                        report.text().nominatedNode()));
        try {
            client.pods()
                    .inNamespace(report.pod().namespace())
                    .withName(report.pod().key().name())
                    .subresource("status")
                    .patch(
                            PatchContext.of(PatchType.STRATEGIC_MERGE),
                            client.getKubernetesSerialization().asJson(change));
            return true;
        } catch (KubernetesClientException e) {
            if (!Refusals.isOutdated(e)) {
                throw e;
            }
            // It is gone.
            return false;
        }
    }

    /** Ends; what waits is not written any more, and nothing is after it returns. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            waiting.clear();
        }
        workers.close();
    }
}
