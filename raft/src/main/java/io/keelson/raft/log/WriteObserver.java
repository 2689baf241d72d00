package io.keelson.raft.log;

/** Hears how long the log's writes take. Called by whoever writes, with the log's lock held: adds up and returns. */
public interface WriteObserver {
    /** Nobody listens. */
    WriteObserver NONE = new WriteObserver() {
        @Override
        public void written(int bytes, long nanos) {}

        @Override
        public void synced(long nanos) {}
    };

    /** Records were written, and are not synced yet. */
    void written(int bytes, long nanos);

    /** What was written was synced. */
    void synced(long nanos);
}
