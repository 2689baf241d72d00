package io.keelson.scheduler;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.runtime.Key;
import io.keelson.scheduler.groups.PodGroup;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
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
 * Writes into groups of pods whether they are scheduled, the condition {@code PodGroupScheduled}. One that is stays so, whatever
 * becomes of pods that come later. A few virtual threads do it, for each group one at a time; of several reports on a group
 * that wait only the last is written, and none that says what the group says already.
 */
final class GroupReports implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GroupReports.class);
    private static final String CONDITION = "PodGroupScheduled";
    private static final int WRITERS_MAX = 8;

    private final KubernetesClient client;
    private final InstantSource clock;
    private final Workers workers = new Workers("group-report");
    private final Map<Key, Report> waiting = new LinkedHashMap<>();
    private final Set<Key> beingWritten = new HashSet<>();
    private int writers;
    private boolean closed;

    private record Report(PodGroup group, boolean scheduled, String reason, String message) {}

    GroupReports(KubernetesClient client, InstantSource clock) {
        this.client = client;
        this.clock = clock;
    }

    /**
     * What came of trying to schedule a group.
     *
     * @param group as the API told of it last
     * @param reason one word
     */
    synchronized void tell(PodGroup group, boolean scheduled, String reason, String message) {
        Key key = Key.of(group);
        waiting.remove(key);
        if (closed || says(group, scheduled, reason, message)) {
            return;
        }
        waiting.put(key, new Report(group, scheduled, reason, message));
        if (writers < WRITERS_MAX) {
            writers++;
            workers.execute(this::write);
        }
    }

    /** Whether nothing has to be written. */
    private static boolean says(PodGroup group, boolean scheduled, String reason, String message) {
        Condition now = condition(group);
        if (now == null) {
            return false;
        }
        boolean isScheduled = "True".equals(now.getStatus());
        return (isScheduled && !scheduled)
                || (isScheduled == scheduled
                        && reason.equals(now.getReason())
                        && message.equals(OrEmpty.of(now.getMessage())));
    }

    private static @Nullable Condition condition(PodGroup group) {
        PodGroup.Status status = group.getStatus();
        return status == null
                ? null
                : OrEmpty.of(status.conditions()).stream()
                        .filter(each -> CONDITION.equals(each.getType()))
                        .findFirst()
                        .orElse(null);
    }

    private void write() {
        for (Report report = next(); report != null; report = next()) {
            try {
                write(report);
            } catch (KubernetesClientException e) {
                if (!Refusals.isOutdated(e)) {
                    LOG.info("pod group {} is not told what came of it: {}", Key.of(report.group()), e.getMessage());
                }
            } catch (RuntimeException e) {
                // It is told when it is tried the next time.
                LOG.info("pod group {} is not told what came of it: {}", Key.of(report.group()), e.toString());
            } finally {
                done(report);
            }
        }
    }

    private synchronized @Nullable Report next() {
        Iterator<Map.Entry<Key, Report>> reports = waiting.entrySet().iterator();
        while (reports.hasNext()) {
            Map.Entry<Key, Report> report = reports.next();
            if (beingWritten.add(report.getKey())) {
                reports.remove();
                return report.getValue();
            }
        }
        writers--;
        return null;
    }

    private synchronized void done(Report report) {
        beingWritten.remove(Key.of(report.group()));
    }

    private void write(Report report) {
        PodGroup group = report.group();
        String status = report.scheduled() ? "True" : "False";
        Condition before = condition(group);
        Map<String, Object> condition = new LinkedHashMap<>();
        condition.put("type", CONDITION);
        condition.put("status", status);
        condition.put("reason", report.reason());
        condition.put("message", report.message());
        condition.put(
                "lastTransitionTime",
                before != null && status.equals(before.getStatus()) && before.getLastTransitionTime() != null
                        ? before.getLastTransitionTime()
                        : clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
        if (group.getMetadata().getGeneration() != null) {
            condition.put("observedGeneration", group.getMetadata().getGeneration());
        }
        Map<String, Object> change = Map.of(
                "metadata",
                Map.of("uid", group.getMetadata().getUid()),
                "status",
                Map.of("conditions", List.of(condition)));
        client.resources(PodGroup.class)
                .inNamespace(group.getMetadata().getNamespace())
                .withName(group.getMetadata().getName())
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.STRATEGIC_MERGE),
                        client.getKubernetesSerialization().asJson(change));
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
