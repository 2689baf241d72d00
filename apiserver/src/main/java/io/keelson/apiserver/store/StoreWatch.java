package io.keelson.apiserver.store;

/** A watch that is under way. */
public interface StoreWatch extends AutoCloseable {
    /** Asks the store to tell how far the watch is, which comes as a {@link StoreEvent.Progress}. */
    void requestProgress();

    @Override
    void close();
}
