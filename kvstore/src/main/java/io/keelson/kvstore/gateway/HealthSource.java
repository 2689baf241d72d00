package io.keelson.kvstore.gateway;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What the health pages ask of a member. Any thread; never blocks. */
public interface HealthSource {
    /** Names of raised alarms, such as {@code NOSPACE}. */
    List<String> alarms();

    boolean hasLeader();

    boolean learner();

    /** Reads one key, as a client would; fails with what a client would be told. */
    CompletableFuture<Void> read(boolean serializable);
}
