package io.keelson.cloud.local;

/** Listens at one port of one address. */
interface Forwarder extends AutoCloseable {
    /** Listens no more, and ends what is being passed on. */
    @Override
    void close();
}
