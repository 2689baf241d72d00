package io.keelson.scheduler.queue;

import io.keelson.scheduler.state.PodInfo;
import java.time.Instant;
import java.util.Comparator;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A pod on its way through the {@link SchedulingQueue}, which alone changes it. */
public final class QueuedPod {
    /** The order of decisions: the more important first, of equals the one that waits longer. */
    static final Comparator<QueuedPod> BY_PRIORITY = Comparator.comparingInt((QueuedPod each) -> -each.priority())
            .thenComparing((QueuedPod each) -> each.since)
            .thenComparingLong(each -> each.number);

    /** The order in which backoffs end. */
    static final Comparator<QueuedPod> BY_BACKOFF =
            Comparator.comparing((QueuedPod each) -> each.until).thenComparing(BY_PRIORITY);

    private final long number;
    private final Instant added;
    private PodInfo pod;
    private Instant since;
    private Instant until;
    private @Nullable Instant firstTried;
    private Place place = Place.ACTIVE;
    private boolean changed;
    private boolean flushed;
    private Set<String> rejectedBy = Set.of();
    private String heldBy = "";
    private int attempts;
    private int rejections;
    private int failures;

    /** Where a pod is. */
    enum Place {
        /** Its turn comes. */
        ACTIVE,
        /** Its turn comes when its backoff has ended, or when there is nothing else to do. */
        BACKOFF,
        /** Something went wrong: its turn comes when its backoff has ended. */
        FAILED,
        /** It waits for something to happen. */
        UNSCHEDULABLE,
        /** It waits until nothing gates it. */
        GATED,
        /** It is decided on, or being bound. */
        IN_FLIGHT
    }

    QueuedPod(long number, PodInfo pod, Instant now) {
        this.number = number;
        this.pod = pod;
        this.added = now;
        this.since = now;
        this.until = now;
    }

    /** The pod as the API told of it last. */
    public PodInfo pod() {
        return pod;
    }

    /** When it came. */
    public Instant added() {
        return added;
    }

    /** How often it was taken out for a decision. */
    public int attempts() {
        return attempts;
    }

    /** When it was taken out first; null before that. */
    public @Nullable Instant firstTried() {
        return firstTried;
    }

    /**
     * By which filters it was rejected since it was taken out last; empty if by none, as it is where there are no nodes.
     */
    public Set<String> rejectedBy() {
        return rejectedBy;
    }

    /** Which plugin holds it while it is gated. */
    String heldBy() {
        return heldBy;
    }

    void hold(String plugin) {
        heldBy = plugin;
    }

    int priority() {
        return pod.priority();
    }

    Place place() {
        return place;
    }

    Instant since() {
        return since;
    }

    Instant until() {
        return until;
    }

    void become(PodInfo newer) {
        pod = newer;
    }

    /** It asks for something else since it was taken out, by which it was not decided on perhaps. */
    void change() {
        changed = true;
    }

    /** Whether it asks for something else since it was taken out. */
    boolean changed() {
        return changed;
    }

    /** It has waited for an event for too long, and is tried without one. */
    void flush() {
        flushed = true;
    }

    /** Whether no event but the end of its patience brought the try that is under way, or the last one. */
    public boolean wasFlushed() {
        return flushed;
    }

    void goTo(Place next) {
        place = next;
    }

    void takenOut(Instant now) {
        attempts++;
        changed = false;
        rejectedBy = Set.of();
        firstTried = firstTried == null ? now : firstTried;
        place = Place.IN_FLIGHT;
    }

    void rejected(Set<String> filters, Instant now, Backoff backoff) {
        rejectedBy = Set.copyOf(filters);
        flushed = false;
        rejections++;
        failures = 0;
        since = now;
        until = now.plus(backoff.after(rejections));
    }

    void failed(Instant now, Backoff backoff) {
        failures++;
        flushed = false;
        since = now;
        until = now.plus(backoff.after(failures));
    }
}
