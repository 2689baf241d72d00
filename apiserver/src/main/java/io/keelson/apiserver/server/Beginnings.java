package io.keelson.apiserver.server;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.health.HealthCheck;
import io.keelson.apiserver.health.Milestones;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has to happen first, and whether it has: parts that begin, feeds that fill, and what is made for every cluster
 * once the server serves.
 */
final class Beginnings {
    private static final Logger log = LoggerFactory.getLogger(Beginnings.class);

    /** What checks are called that look whether something has happened that has to happen first. */
    static final String FIRST = "poststarthook/";

    static final String ADMISSION = FIRST + "start-apiserver-admission-initializer";
    static final String FEEDS = FIRST + "generic-apiserver-start-informers";
    static final String DEFINITIONS_FOLLOWED = FIRST + "start-apiextensions-informers";
    static final String DEFINITIONS_KEPT = FIRST + "start-apiextensions-controllers";
    static final String NAMESPACES = FIRST + "start-system-namespaces-controller";
    static final String ROLES = FIRST + "rbac/bootstrap-roles";
    static final String PRIORITY_CLASSES = FIRST + "scheduling/bootstrap-system-priority-classes";
    /** What is made for every cluster once the server serves. */
    private static final List<String> OF_CLUSTER = List.of(NAMESPACES, ROLES, PRIORITY_CLASSES);

    /** How long it waits until it tries again to make something. */
    private static final Duration AGAIN = Duration.ofSeconds(1);
    /** How long a stop waits for what is being made then. */
    private static final Duration END_MAX = Duration.ofSeconds(2);
    /** How long a start waits until everything that it has begun is finished. */
    private static final Duration READY_MAX = Duration.ofSeconds(10);

    private static final long READY_LOOK_MS = 2;

    private final Milestones milestones = new Milestones();
    /** Whether what is begun at the start is finished. */
    private final List<HealthCheck> begun = new ArrayList<>();
    /** What follows caches, and whether it has everything that was there at the start. */
    private final Map<String, BooleanSupplier> feeds = new LinkedHashMap<>();

    /** Something has happened, and stays so. */
    void reach(String milestone) {
        milestones.reach(milestone);
    }

    /** Looks whether something has happened. */
    HealthCheck check(String milestone) {
        return milestones.check(milestone);
    }

    /** Something was begun that takes its time. */
    void begun(List<HealthCheck> whether) {
        begun.addAll(whether);
    }

    /** All that was begun, in its order. */
    List<HealthCheck> begun() {
        return List.copyOf(begun);
    }

    /** Something follows a cache. */
    void feed(String name, BooleanSupplier isLoaded) {
        feeds.put(name, isLoaded);
    }

    /** Whether everything that follows caches has what was there at the start. */
    HealthCheck feedsLoaded() {
        return new HealthCheck("informer-sync", () -> {
            List<String> missing = feeds.entrySet().stream()
                    .filter(feed -> !feed.getValue().getAsBoolean())
                    .map(Map.Entry::getKey)
                    .toList();
            return missing.isEmpty() ? null : "not loaded: " + String.join(", ", missing);
        });
    }

    /**
     * Makes what every cluster has, on a thread of its own: webhooks that are asked may run in this cluster, so that
     * nothing of the start may wait for them. It is tried until it is done, and the server is not ready before.
     *
     * @param going what upkeep begins with, at the same time
     * @return ends it
     */
    AutoCloseable ofCluster(FirstObjects first, Together.Task going, ClusterUpkeep upkeep) {
        Thread beginning = Thread.ofVirtual().name("cluster beginning").start(() -> {
            try {
                untilDone(NAMESPACES, first::makeNamespaces);
                Together.run(List.of(
                        () -> untilDone(ROLES, () -> {
                            first.makeRoles();
                            upkeep.aggregateRoles();
                        }),
                        () -> untilDone(PRIORITY_CLASSES, first::makePriorityClasses),
                        going));
            } catch (InterruptedException e) {
                // Closed.
                Thread.currentThread().interrupt();
            }
        });
        return () -> {
            beginning.interrupt();
            var _ = beginning.join(END_MAX);
        };
    }

    private void untilDone(String milestone, Together.Task task) throws InterruptedException {
        while (true) {
            try {
                task.run();
                milestones.reach(milestone);
                return;
            } catch (ApiException e) {
                log.warn("{}: {}; again in {} s", milestone, e.message(), AGAIN.toSeconds());
            } catch (RuntimeException e) {
                log.warn("{} failed; again in {} s", milestone, AGAIN.toSeconds(), e);
            }
            Thread.sleep(AGAIN);
        }
    }

    /** Waits until what was begun is finished, so that who starts a server need not; but not for ever. */
    void await() throws InterruptedException {
        long end = System.nanoTime() + READY_MAX.toNanos();
        List<HealthCheck> all = new ArrayList<>(begun);
        all.add(feedsLoaded());
        OF_CLUSTER.forEach(name -> all.add(milestones.check(name)));
        while (!isWell(all) && System.nanoTime() - end < 0) {
            Thread.sleep(READY_LOOK_MS);
        }
    }

    private static boolean isWell(List<HealthCheck> checks) throws InterruptedException {
        for (HealthCheck check : checks) {
            if (check.check().problem() != null) {
                return false;
            }
        }
        return true;
    }
}
