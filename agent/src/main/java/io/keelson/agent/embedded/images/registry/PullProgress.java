package io.keelson.agent.embedded.images.registry;

/** Is told how a pull goes on, from several threads. */
public interface PullProgress {
    /** Nobody looks. */
    PullProgress NONE = new PullProgress() {};

    /** What is to be fetched is known. */
    default void start(int parts, long bytes) {}

    /** So many bytes have come; fewer than none if as many must come again. */
    default void bytes(long count) {}

    /** All is here, and is being unpacked. */
    default void unpacking() {}
}
