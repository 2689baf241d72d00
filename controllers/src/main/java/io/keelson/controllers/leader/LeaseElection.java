package io.keelson.controllers.leader;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpecBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process's part in the election of a leader. One thread runs it: {@link #acquire}, act, {@link #holdUntilLost}, end.
 *
 * <p>Why two cannot lead at once: a renewal names the version of the Lease it was computed from, so of two that want it one
 * gets it. From when a leader asked for its last renewal that went well, it acts for {@code renewDeadline}; others wait for
 * {@code leaseDuration}, which is longer, from when they saw that renewal, which is later. What is left is a write that was
 * already under way when its sender's time ended.
 */
public final class LeaseElection {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseElection.class);

    private static final Duration HANGS = Duration.ofSeconds(20);

    private final KubernetesClient client;
    private final ElectionTerms terms;
    private final String identity;
    private final InstantSource clock;
    private final LongSupplier nanoTime;

    private @Nullable Lease seen;
    private long seenNanos;

    private volatile boolean holding;
    private volatile long renewedNanos;

    /**
     * Takes part in an election.
     *
     * @param client whose calls end before the renew deadline
     * @param identity what no other process calls itself
     */
    public LeaseElection(KubernetesClient client, ElectionTerms terms, String identity) {
        this(client, terms, identity, InstantSource.system(), System::nanoTime);
    }

    LeaseElection(
            KubernetesClient client, ElectionTerms terms, String identity, InstantSource clock, LongSupplier nanoTime) {
        this.client = client;
        this.terms = terms;
        this.identity = identity;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** Whether this process may act at this moment. Any thread. */
    public boolean leads() {
        return holding
                && nanoTime.getAsLong() - renewedNanos < terms.renewDeadline().toNanos();
    }

    /**
     * Whether the election goes as it should: a process that holds the Lease, and has not renewed it for so long that somebody
     * else has led for a while, hangs. Any thread.
     */
    public boolean well() {
        return !holding
                || nanoTime.getAsLong() - renewedNanos
                        < terms.leaseDuration().plus(HANGS).toNanos();
    }

    /** The Lease as it was seen last; null if it was not. Only the thread that runs the election. */
    @Nullable
    Lease lease() {
        return seen;
    }

    /** Waits until this process leads. */
    public void acquire() throws InterruptedException {
        LOG.info("attempting to acquire leader lease {}/{}...", terms.namespace(), terms.name());
        while (!attempt()) {
            pause();
        }
        LOG.info("successfully acquired lease {}/{}", terms.namespace(), terms.name());
    }

    /** Renews the Lease for as long as that goes well in time; returns when this process does not lead any more. */
    public void holdUntilLost() throws InterruptedException {
        while (leads()) {
            pause();
            attempt();
        }
        holding = false;
    }

    /** Lets others take the Lease at once, if this process holds it. */
    public void release() {
        boolean held = holding;
        holding = false;
        Lease lease = seen;
        if (!held || lease == null) {
            return;
        }
        try {
            write(new LeaseBuilder(lease)
                    .editSpec()
                    .withHolderIdentity("")
                    .withLeaseDurationSeconds(1)
                    .withRenewTime(now())
                    .endSpec()
                    .build());
        } catch (KubernetesClientException e) {
            // Others wait for its duration then.
            LOG.info("the lease {}/{} is not released: {}", terms.namespace(), terms.name(), e.getMessage());
        }
    }

    /** Tries once to take the Lease or to renew it; whether this process leads. */
    private boolean attempt() {
        long asked = nanoTime.getAsLong();
        try {
            Lease lease = leads() && seen != null ? seen : read();
            if (lease != null && !mayTake(lease)) {
                holding = false;
                return false;
            }
            note(write(taken(lease)), asked);
            renewedNanos = asked;
            holding = true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                // Somebody else wrote it: the next try looks who.
                lookAgain();
            } else {
                LOG.warn("the lease {}/{} cannot be had: {}", terms.namespace(), terms.name(), e.getMessage());
            }
        }
        return leads();
    }

    /** After a write by somebody else: who holds the Lease now decides whether this process still may. */
    private void lookAgain() {
        seen = null;
        try {
            Lease lease = read();
            if (lease == null || !identity.equals(holder(lease))) {
                holding = false;
            }
        } catch (KubernetesClientException e) {
            // What was renewed last counts until its time is over.
            LOG.warn("the lease {}/{} cannot be read: {}", terms.namespace(), terms.name(), e.getMessage());
        }
    }

    private @Nullable Lease read() {
        Lease lease = client.leases()
                .inNamespace(terms.namespace())
                .withName(terms.name())
                .get();
        if (lease != null) {
            note(lease, nanoTime.getAsLong());
        }
        return lease;
    }

    private void note(Lease lease, long nanos) {
        Lease before = seen;
        // One that somebody made by hand may say nothing at all.
        if (before == null || !Objects.equals(before.getSpec(), lease.getSpec())) {
            seenNanos = nanos;
        }
        seen = lease;
    }

    private static String holder(Lease lease) {
        LeaseSpec spec = lease.getSpec();
        return spec == null || spec.getHolderIdentity() == null ? "" : spec.getHolderIdentity();
    }

    private boolean mayTake(Lease lease) {
        String holder = holder(lease);
        return holder.isEmpty()
                || holder.equals(identity)
                || nanoTime.getAsLong() - seenNanos > terms.leaseDuration().toNanos();
    }

    private Lease taken(@Nullable Lease lease) {
        ZonedDateTime now = now();
        LeaseSpec before = lease == null ? null : lease.getSpec();
        boolean renewed = lease != null && holder(lease).equals(identity);
        int transitions = before == null || before.getLeaseTransitions() == null ? 0 : before.getLeaseTransitions();
        LeaseSpec spec = new LeaseSpecBuilder()
                .withHolderIdentity(identity)
                .withLeaseDurationSeconds(Math.toIntExact(terms.leaseDuration().toSeconds()))
                .withAcquireTime(renewed && before != null ? before.getAcquireTime() : now)
                .withRenewTime(now)
                .withLeaseTransitions(lease == null || renewed ? transitions : transitions + 1)
                .build();
        LeaseBuilder written = lease == null
                ? new LeaseBuilder()
                        .withNewMetadata()
                        .withName(terms.name())
                        .withNamespace(terms.namespace())
                        .endMetadata()
                : new LeaseBuilder(lease);
        return written.withSpec(spec).build();
    }

    private Lease write(Lease lease) {
        var resource = client.leases().inNamespace(terms.namespace()).resource(lease);
        return lease.getMetadata().getResourceVersion() == null ? resource.create() : resource.update();
    }

    private ZonedDateTime now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS).atZone(ZoneOffset.UTC);
    }

    private void pause() throws InterruptedException {
        // Not all at the same moment.
        Duration most = terms.retryPeriod().multipliedBy(6).dividedBy(5);
        TimeUnit.NANOSECONDS.sleep(
                ThreadLocalRandom.current().nextLong(terms.retryPeriod().toNanos(), most.toNanos() + 1));
    }
}
