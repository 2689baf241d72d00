package io.keelson.controllers.churn;

import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Owners;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Sees all Jobs that there ever were of CronJobs, however soon they are gone, and knows which there should have been. */
final class CronWitness implements AutoCloseable {
    private static final String SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp";

    private final Map<String, List<Instant>> seen = new ConcurrentHashMap<>();
    private final Map<String, Watched> watched = new TreeMap<>();
    private final SharedIndexInformer<Job> informer;

    /**
     * A CronJob that runs every so many minutes, beside what may still run.
     *
     * @param from when it was created
     * @param until when it ended, or was suspended
     */
    private record Watched(String name, int minutes, Instant from, Instant until) {}

    CronWitness(KubernetesClient client) {
        informer = client.batch().v1().jobs().inAnyNamespace().inform(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Job job) {
                String scheduled =
                        OrEmpty.of(job.getMetadata().getAnnotations()).get(SCHEDULED);
                var owner = Owners.controllerOf(job);
                if (scheduled != null && owner != null) {
                    seen.computeIfAbsent(owner.getUid(), uid -> new CopyOnWriteArrayList<>())
                            .add(OffsetDateTime.parse(scheduled).toInstant());
                }
            }

            @Override
            public void onUpdate(Job before, Job now) {
                // It was there before.
            }

            @Override
            public void onDelete(Job job, boolean lastStateUnknown) {
                // It was there, which is what counts.
            }
        });
    }

    /** A CronJob begins that runs every so many minutes. */
    void begins(CronJob cronJob, int minutes) {
        watched.put(
                cronJob.getMetadata().getUid(),
                new Watched(
                        cronJob.getMetadata().getNamespace()
                                + '/'
                                + cronJob.getMetadata().getName(),
                        minutes,
                        Instant.parse(cronJob.getMetadata().getCreationTimestamp()),
                        Instant.MAX));
    }

    /** A CronJob ends, for ever. */
    void ends(String uid, Instant now) {
        watched.computeIfPresent(
                uid,
                (same, each) ->
                        each.until().isBefore(now) ? each : new Watched(each.name(), each.minutes(), each.from(), now));
    }

    /** What is wrong: Jobs that are missing, and those that nobody asked for. */
    List<String> problems(Instant now) {
        List<String> problems = new ArrayList<>();
        watched.forEach((uid, each) -> {
            Instant end = each.until().isBefore(now) ? each.until() : now;
            List<Instant> missing = times(each, end);
            List<Instant> more = new ArrayList<>(seen.getOrDefault(uid, List.of()));
            List<Instant> there = List.copyOf(more);
            // One that is due in the moment of the end may run or not.
            missing.removeIf(
                    time -> there.contains(time) || Duration.between(time, end).toSeconds() < 1);
            times(each, end).forEach(more::remove);
            if (!missing.isEmpty()) {
                problems.add("cron job " + each.name() + " did not run at " + missing);
            }
            if (!more.isEmpty()) {
                problems.add("cron job " + each.name() + " ran at " + more + ", too often");
            }
        });
        return problems;
    }

    private static List<Instant> times(Watched each, Instant end) {
        List<Instant> times = new ArrayList<>();
        Instant time = each.from().truncatedTo(ChronoUnit.MINUTES);
        for (time = time.plusSeconds(60); !time.isAfter(end); time = time.plusSeconds(60)) {
            if (time.atZone(ZoneOffset.UTC).getMinute() % each.minutes() == 0) {
                times.add(time);
            }
        }
        return times;
    }

    @Override
    public void close() {
        informer.close();
    }
}
