package io.keelson.apiserver.store;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Values under keys with revisions: an etcd v3 store as the API needs it. Calls block (on virtual threads) for at most
 * the request timeout of the store's client. A write whose outcome is not known is reported so and never repeated here.
 *
 * <p>All failures are {@link io.keelson.apiserver.errors.ApiException}s: Timeout for an unknown outcome,
 * ServiceUnavailable if the store cannot be reached, Expired for a revision that was compacted.
 */
public interface ObjectStore extends AutoCloseable {
    /** Reads the newest value, linearizably; null if there is none. */
    @Nullable
    StoredValue get(String key) throws InterruptedException;

    /**
     * The revision of the newest value, linearizably; 0 if there is none. Costs much less than {@link #get}: those who ask
     * at the same time are answered together.
     */
    long revisionOf(String key) throws InterruptedException;

    /**
     * Reads values below a prefix in the order of their keys.
     *
     * @param prefix ends with a slash
     * @param after the key behind which to begin; empty for the beginning
     * @param limit how many at most; 0 for all
     * @param revision at which to read; 0 for now, linearizably
     */
    StorePage list(String prefix, String after, int limit, long revision) throws InterruptedException;

    /**
     * Reads which keys there are below a prefix, in their order, and not what is under them, which costs much less.
     *
     * @param prefix ends with a slash
     * @param after the key behind which to begin; empty for the beginning
     * @param limit how many at most; fewer come only if there are no more
     * @param revision at which to read
     */
    List<StoredKey> keys(String prefix, String after, int limit, long revision) throws InterruptedException;

    /** How many values there are below a prefix. */
    long count(String prefix) throws InterruptedException;

    /**
     * Writes a value that is not there yet.
     *
     * @param ttlSeconds after which it goes by itself; 0 for never
     * @return its revision; 0 if the key has a value already
     */
    long create(String key, byte[] value, long ttlSeconds) throws InterruptedException;

    /** What became of a conditional write. */
    sealed interface Outcome {
        /** It was carried out. */
        record Done(long revision) implements Outcome {}

        /** The value is another by now; null if it is gone. */
        record Changed(@Nullable StoredValue now) implements Outcome {}
    }

    /** Writes a value if its revision is still the one expected. */
    Outcome update(String key, byte[] value, long expectedRevision, long ttlSeconds) throws InterruptedException;

    /** Removes a value if its revision is still the one expected. */
    Outcome delete(String key, long expectedRevision) throws InterruptedException;

    /** The store's revision now, linearizably. */
    long revision() throws InterruptedException;

    /**
     * The store that has what is below a prefix. Revisions are of one store: those of others are not to be compared with
     * them.
     */
    default ObjectStore holding(String prefix) {
        return this;
    }

    /**
     * Watches everything below a prefix, with reports of progress.
     *
     * @param fromRevision the first revision of interest
     * @param events called by one thread, in order; may block, which holds up this watch only, up to the bound of the
     *     client's buffer
     * @param ended called once: when the watch was closed (null), or with the reason: Expired if the revision was
     *     compacted, anything else when the stream broke, after which the caller watches again from where it is
     */
    StoreWatch watch(
            String prefix, long fromRevision, Consumer<StoreEvent> events, Consumer<@Nullable Throwable> ended);

    @Override
    void close();
}
