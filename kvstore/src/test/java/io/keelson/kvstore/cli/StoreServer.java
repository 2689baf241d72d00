package io.keelson.kvstore.cli;

/** A server that commands are given to. Its address stays the same, so that ids that depend on it do. */
interface StoreServer extends AutoCloseable {
    /** Host and port of its clients. */
    String endpoint();

    /** Ends it if it runs, forgets everything, and starts it; returns when it serves. */
    void startAfresh() throws Exception;

    @Override
    void close();
}
