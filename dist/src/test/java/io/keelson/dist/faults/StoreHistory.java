package io.keelson.dist.faults;

import io.keelson.kvstore.api.Event;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Everything that happened to the objects of a namespace, in order, as the store itself told it. */
final class StoreHistory {
    /** Before anything happened. */
    private static final State NEVER = new State(0, Long.MAX_VALUE, null);

    private final Map<ObjectKey, List<State>> states =
            new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
    private final Map<String, List<Change>> changes = new HashMap<>();

    /**
     * What an object was for a while.
     *
     * @param from the revision with which it came to be so
     * @param until the revision with which it became something else; {@link Long#MAX_VALUE} if it is so still
     * @param object null for absent
     */
    record State(long from, long until, @Nullable Seen object) {}

    /**
     * One change.
     *
     * @param type {@code ADDED}, {@code MODIFIED} or {@code DELETED}
     * @param before what it was; null for absent
     * @param object what it is; when it was deleted, what it was, at the revision of the deletion
     */
    record Change(String type, ObjectKey key, @Nullable Seen before, Seen object) {
        long revision() {
            return object.revision();
        }
    }

    /**
     * Takes events in the order of their revisions.
     *
     * @param prefix what keys begin with: {@code /registry/}
     */
    static StoreHistory of(List<Event> events, String prefix, String namespace) {
        StoreHistory history = new StoreHistory();
        for (Event event : events) {
            String[] parts = event.getKv()
                    .getKey()
                    .toStringUtf8()
                    .substring(prefix.length())
                    .split("/", -1);
            if (parts.length != 3 || !parts[1].equals(namespace)) {
                continue;
            }
            ObjectKey key = new ObjectKey(parts[0], parts[2]);
            long revision = event.getKv().getModRevision();
            history.add(
                    key,
                    revision,
                    event.getType() == Event.EventType.DELETE
                            ? null
                            : Seen.stored(event.getKv().getValue().toByteArray(), revision));
        }
        return history;
    }

    /** Adds what an object became; null for absent. */
    void add(ObjectKey key, long revision, @Nullable Seen object) {
        List<State> all = states.computeIfAbsent(key, _ -> new ArrayList<>(List.of(NEVER)));
        State last = all.getLast();
        all.set(all.size() - 1, new State(last.from(), revision, last.object()));
        all.add(new State(revision, Long.MAX_VALUE, object));
        changes.computeIfAbsent(key.resource(), _ -> new ArrayList<>())
                .add(change(key, revision, last.object(), object));
    }

    private static Change change(ObjectKey key, long revision, @Nullable Seen before, @Nullable Seen now) {
        if (now != null) {
            return new Change(before == null ? "ADDED" : "MODIFIED", key, before, now);
        }
        if (before == null) {
            throw new IllegalArgumentException(key + " was deleted and was not there, at revision " + revision);
        }
        return new Change("DELETED", key, before, before.at(revision));
    }

    /** All changes of a resource, in order. */
    List<Change> changes(String resource) {
        return changes.getOrDefault(resource, List.of());
    }

    /** All states of an object, in order; the first is that it was not there. */
    List<State> states(ObjectKey key) {
        return states.getOrDefault(key, List.of(NEVER));
    }

    /** The objects of a resource at a revision, by name. */
    Map<String, Seen> at(String resource, long revision) {
        Map<String, Seen> objects = new TreeMap<>();
        states.forEach((key, all) -> {
            if (key.resource().equals(resource)) {
                for (State state : all) {
                    Seen object = state.object();
                    if (state.from() <= revision && revision < state.until() && object != null) {
                        objects.put(key.name(), object);
                    }
                }
            }
        });
        return objects;
    }
}
