package io.keelson.proxy;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.TriggerTimes;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Time;
import io.keelson.proxy.config.ProxySettings;
import io.keelson.proxy.health.HealthCheckPorts;
import io.keelson.proxy.health.ProxyHealth;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what has changed, and brings rules up to date: all that has come since the last time at once, and without waiting for more,
 * as a change costs no more than what differs. One thread; whatever fails is tried again after a second, with all there is.
 */
final class ProxyLoop implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyLoop.class);
    /** Between two looks at rules that somebody changes all the time. */
    private static final long CHECK_GAP_MILLIS = 100;

    private final Inbox inbox;
    private final ProxySettings settings;
    private final List<FamilyRules> families;
    private final HealthCheckPorts healthChecks;
    private final ProxyHealth health;
    private final ProxyMetrics metrics;
    private final Time time;
    private final Instant begun;
    private final ObservedServices observed;
    private final ObservedNode node;
    private long nextCheck;
    private long lastCheck;
    private boolean isCheckWanted;

    /**
     * @param node about which nothing has been told yet
     * @param families those that packets are forwarded of
     */
    ProxyLoop(
            Inbox inbox,
            ProxySettings settings,
            ObservedNode node,
            List<FamilyRules> families,
            HealthCheckPorts healthChecks,
            ProxyHealth health,
            ProxyMetrics metrics,
            Time time) {
        this.inbox = inbox;
        this.settings = settings;
        this.families = List.copyOf(families);
        this.healthChecks = healthChecks;
        this.health = health;
        this.metrics = metrics;
        this.time = time;
        begun = time.instant();
        observed = new ObservedServices(settings.nodeName());
        this.node = node;
    }

    @Override
    public void run() {
        boolean _ = node.lookAtAddresses();
        lastCheck = time.nanoTime();
        nextCheck = lastCheck + settings.syncPeriod().toNanos();
        try {
            while (!inbox.isClosed()) {
                round();
            }
        } catch (InterruptedException e) {
            // Told to end.
            Thread.currentThread().interrupt();
        } finally {
            healthChecks.close();
        }
    }

    private void round() throws InterruptedException {
        Inbox.Batch batch = inbox.take(Math.max(1, wake() - time.nanoTime()));
        try {
            work(batch);
        } catch (RuntimeException e) {
            LOG.error("rules cannot be computed, which is tried again", e);
            families.forEach(family -> family.failed(time.nanoTime()));
        }
    }

    /** When there is something to do although nothing has changed. */
    private long wake() {
        long wake = isCheckWanted ? lastCheck + Inbox.nanos(CHECK_GAP_MILLIS) : nextCheck;
        for (FamilyRules family : families) {
            if (family.isDue(time.nanoTime())) {
                return time.nanoTime();
            }
            wake = family.isBehind() && family.retryAt() - wake < 0 ? family.retryAt() : wake;
        }
        return wake;
    }

    private void work(Inbox.Batch batch) {
        Set<Key> dirty = new HashSet<>();
        List<Instant> triggers = new ArrayList<>();
        batch.services().forEach((key, service) -> dirty.addAll(observed.put(key, service.orElse(null))));
        batch.slices().forEach((key, slice) -> {
            dirty.addAll(observed.putSlice(key, slice.orElse(null)));
            slice.flatMap(this::trigger).ifPresent(triggers::add);
        });
        boolean isElsewhere = false;
        for (Optional<Node> change : batch.nodes().values()) {
            isElsewhere |= node.put(change.orElse(null));
            health.setEligible(node.isEligible());
        }
        boolean isOtherwise = !batch.ranges().isEmpty() && node.putRanges(batch.ranges());
        for (Key service : dirty) {
            ObservedServices.HealthCheck check = observed.healthCheck(service);
            healthChecks.put(service, check == null ? null : check.port(), check == null ? 0 : check.endpoints());
        }
        isCheckWanted |= batch.isCheckWanted();
        boolean isDue = time.nanoTime() - nextCheck >= 0;
        if (isDue) {
            isElsewhere |= node.lookAtAddresses();
        }
        for (FamilyRules family : families) {
            if (isElsewhere || isOtherwise) {
                family.configure(node);
            }
            if (!batch.services().isEmpty() || !batch.slices().isEmpty()) {
                metrics.changed(
                        family.family(), batch.services().size(), batch.slices().size(), time.instant());
            }
            sync(family, isElsewhere ? observed.all() : dirty, triggers);
        }
        check(isDue);
    }

    private void sync(FamilyRules family, Set<Key> dirty, List<Instant> triggers) {
        if (dirty.isEmpty() && !family.isDue(time.nanoTime())) {
            return;
        }
        health.queued(family.family());
        long start = time.nanoTime();
        try {
            boolean isFull = family.sync(observed, node, dirty, start);
            Instant now = time.instant();
            metrics.synced(family.family(), time.nanoTime() - start, isFull, now);
            triggers.forEach(trigger -> metrics.programmed(family.family(), trigger, now));
            health.updated(family.family());
        } catch (IOException e) {
            metrics.failed(family.family());
            LOG.warn(
                    "{} rules cannot be brought up to date, which is tried again: {}", family.family(), e.getMessage());
        }
    }

    private void check(boolean isDue) {
        long now = time.nanoTime();
        if (!isDue && !(isCheckWanted && now - lastCheck >= Inbox.nanos(CHECK_GAP_MILLIS))) {
            return;
        }
        isCheckWanted = false;
        for (FamilyRules family : families) {
            try {
                if (family.check(now)) {
                    LOG.info(
                            "{} rules were changed by somebody else, and are as they have to be again",
                            family.family());
                }
            } catch (IOException e) {
                metrics.failed(family.family());
                LOG.warn("{} rules cannot be looked at, which is tried again: {}", family.family(), e.getMessage());
            }
        }
        lastCheck = time.nanoTime();
        nextCheck = lastCheck + settings.syncPeriod().toNanos();
    }

    /** When what changed a slice happened, if that was after the start of this process. */
    private Optional<Instant> trigger(EndpointSlice slice) {
        @Nullable String text = OrEmpty.of(slice.getMetadata().getAnnotations()).get(TriggerTimes.ANNOTATION);
        if (text == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Instant.parse(text)).filter(at -> at.isAfter(begun));
        } catch (DateTimeParseException e) {
            // Anybody may write anything there.
            return Optional.empty();
        }
    }
}
