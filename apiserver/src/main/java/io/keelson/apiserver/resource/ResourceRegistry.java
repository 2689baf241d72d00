package io.keelson.apiserver.resource;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is served at a moment. Readers take a {@link Snapshot}, which never changes; a resource that comes, goes
 * or changes makes a new one and is told to the listeners. Any thread.
 */
public final class ResourceRegistry {
    /** What is served, found by name and by kind. */
    public static final class Snapshot {
        private final long number;
        private final Map<GroupResource, Resource> byName;
        private final Map<GroupKind, Resource> byKind = new HashMap<>();

        private Snapshot(long number, Map<GroupResource, Resource> byName) {
            this.number = number;
            this.byName = byName;
            byName.values().forEach(resource -> byKind.put(resource.kind(), resource));
        }

        /** Counts the changes; two snapshots with the same number are the same. */
        public long number() {
            return number;
        }

        public Collection<Resource> resources() {
            return byName.values();
        }

        public @Nullable Resource find(GroupResource name) {
            return byName.get(name);
        }

        public @Nullable Resource find(GroupKind kind) {
            return byKind.get(kind);
        }

        /** What is served under a group and version, in the order in which it was added. */
        public List<Resource> in(GroupVersion groupVersion) {
            List<Resource> found = new ArrayList<>();
            for (Resource resource : byName.values()) {
                if (resource.name().group().equals(groupVersion.group())
                        && resource.version(groupVersion.version()) != null) {
                    found.add(resource);
                }
            }
            return found;
        }
    }

    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile Snapshot current = new Snapshot(0, Map.of());

    public Snapshot current() {
        return current;
    }

    /** Adds resources, or puts them in the place of those of the same names. */
    public void put(Collection<Resource> resources) {
        synchronized (this) {
            Map<GroupResource, Resource> next = new LinkedHashMap<>(current.byName);
            resources.forEach(resource -> next.put(resource.name(), resource));
            current = new Snapshot(current.number + 1, next);
        }
        listeners.forEach(Runnable::run);
    }

    public void remove(GroupResource name) {
        synchronized (this) {
            Map<GroupResource, Resource> next = new LinkedHashMap<>(current.byName);
            if (next.remove(Objects.requireNonNull(name)) == null) {
                return;
            }
            current = new Snapshot(current.number + 1, next);
        }
        listeners.forEach(Runnable::run);
    }

    /** Has somebody told, on the thread that made it, of every change. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }
}
