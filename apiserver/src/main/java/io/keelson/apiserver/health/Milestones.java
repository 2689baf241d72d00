package io.keelson.apiserver.health;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What has to have happened once: parts that have begun, work that is finished. Thread-safe. */
public final class Milestones {
    private final Set<String> reached = ConcurrentHashMap.newKeySet();

    /** It has happened, and stays so. */
    public void reach(String name) {
        reached.add(name);
    }

    /** Looks whether it has happened. */
    public HealthCheck check(String name) {
        return new HealthCheck(name, () -> reached.contains(name) ? null : "not finished");
    }
}
