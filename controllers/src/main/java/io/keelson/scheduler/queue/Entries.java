package io.keelson.scheduler.queue;

/** Is told each time that a pod comes into a part of the queue, and why. By the thread that owns the queue. */
@FunctionalInterface
public interface Entries {
    /** Nobody asks. */
    Entries UNTOLD = (part, event) -> {};

    /**
     * A pod came.
     *
     * @param part {@code active}, {@code backoff} or {@code unschedulable}, the last for pods that gates hold as well
     * @param event what brought it there, as kube-scheduler calls it
     */
    void came(String part, String event);
}
