package io.keelson.scheduler;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Key;
import io.keelson.scheduler.groups.PodGroup;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes into groups of pods whether they are scheduled, the condition {@code PodGroupScheduled}. One that is stays so,
 * whatever becomes of pods that come later. None is told what it says already.
 */
final class GroupReports extends ConditionReports<Key, GroupReports.Report> {
    private static final String CONDITION = "PodGroupScheduled";
    private static final int WRITERS_MAX = 8;

    record Report(PodGroup group, boolean scheduled, String reason, String message) {}

    GroupReports(KubernetesClient client, InstantSource clock) {
        super(client, clock, "group-report", WRITERS_MAX);
    }

    /**
     * What came of trying to schedule a group.
     *
     * @param group as the API told of it last
     * @param reason one word
     */
    synchronized void tell(PodGroup group, boolean scheduled, String reason, String message) {
        Key key = Key.of(group);
        if (says(group, scheduled, reason, message)) {
            withdraw(key);
        } else {
            submit(key, new Report(group, scheduled, reason, message));
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

    @Override
    String subject(Report report) {
        return "pod group " + Key.of(report.group()) + " is not told what came of it";
    }

    @Override
    boolean write(Report report) {
        PodGroup group = report.group();
        String status = report.scheduled() ? "True" : "False";
        Condition before = condition(group);
        String since = before != null && status.equals(before.getStatus()) ? before.getLastTransitionTime() : null;
        return merge(
                group,
                Map.of(
                        "conditions",
                        List.of(condition(group, CONDITION, status, report.reason(), report.message(), since))));
    }
}
