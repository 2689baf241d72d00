package io.keelson.controllers.runtime;

/**
 * One control loop: brings objects of one kind to what they are to be.
 *
 * <p>It is made before anything is watched, and says by its {@link Setup} what it wants to see. Then {@link #reconcile} is
 * called by several threads, never by two with the same key, from the moment that all caches it asked for are filled, until
 * the loop ends. A loop does not outlive the leadership of its process; the next one starts with nothing but what the API
 * holds.
 *
 * <p>A reconcile may run twice, late, on a cache that has not seen the last write, or after a crash between any two writes
 * of an earlier one, and comes to the same end. Objects out of caches are shared: it never changes one but makes a copy.
 */
@FunctionalInterface
public interface Controller {
    /**
     * Brings one object to its desired state; the object may be gone.
     *
     * @throws InterruptedException if the loop ends
     * @throws RuntimeException if it could not; the key is tried again, later each time
     */
    Outcome reconcile(Key key) throws InterruptedException;
}
