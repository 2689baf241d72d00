package io.keelson.apiserver.cache;

/** Is told how long readers waited until a cache was fresh enough. Called by many threads; must be quick. */
@FunctionalInterface
public interface FreshWaits {
    /** Takes no notice. */
    FreshWaits UNOBSERVED = (resource, nanos) -> {};

    /** A reader has waited, in vain or not. */
    void waited(CachedResource resource, long nanos);
}
