package io.keelson.dist.hostile;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What writers were told of their objects, and what a watch has shown of them: object by object the one must come to be the
 * other. An object that is gone by both accounts is forgotten. Any thread.
 */
final class WriteLedger {
    /** What a watch shows of a deletion has a revision that its client is not told. */
    static final String DELETED = "DELETED";

    /** An event, and when it was learnt of. */
    private record Learnt(String event, long nanos) {}

    /** What is known of an object. */
    private static final class History {
        private final List<Learnt> told = new ArrayList<>();
        private final List<Learnt> shown = new ArrayList<>();
        private boolean unknown;
    }

    private final Map<String, History> histories = new HashMap<>();
    private final List<String> breaches = new ArrayList<>();
    private List<Long> lags = new ArrayList<>();

    /** A change as it is shown, but for a deletion. */
    static String event(String type, String resourceVersion) {
        return type + " " + resourceVersion;
    }

    /** A writer was told that its write has been done. */
    synchronized void told(String name, String event, long nanos) {
        History history = history(name);
        history.told.add(new Learnt(event, nanos));
        compare(name, history, history.told.size() - 1);
    }

    /** A watch has shown a change. */
    synchronized void shown(String name, String event, long nanos) {
        History history = history(name);
        history.shown.add(new Learnt(event, nanos));
        compare(name, history, history.shown.size() - 1);
    }

    /** What has become of an object is not known from here on: a call that would have changed it has failed. */
    synchronized void unknown(String name) {
        history(name).unknown = true;
    }

    private History history(String name) {
        return histories.computeIfAbsent(name, _ -> new History());
    }

    private void compare(String name, History history, int at) {
        if (history.unknown || at >= history.told.size() || at >= history.shown.size()) {
            return;
        }
        Learnt told = history.told.get(at);
        Learnt shown = history.shown.get(at);
        if (!told.event().equals(shown.event())) {
            breaches.add("of " + name + " a writer was told " + told.event() + ", and a watch shows " + shown.event());
        }
        lags.add(Math.max(0, shown.nanos() - told.nanos()));
        boolean even = history.told.size() == history.shown.size();
        if (even && told.event().equals(DELETED)) {
            histories.remove(name);
        }
    }

    /** What writers were told before a time and no watch has shown. */
    synchronized List<String> overdue(long beforeNanos) {
        List<String> overdue = new ArrayList<>();
        histories.forEach((name, history) -> {
            int at = history.shown.size();
            if (!history.unknown
                    && at < history.told.size()
                    && history.told.get(at).nanos() < beforeNanos) {
                overdue.add("no watch shows " + history.told.get(at).event() + " of " + name);
            }
        });
        return overdue;
    }

    /** What writers were told and the watch contradicts, since this was asked last. */
    synchronized List<String> breaches() {
        List<String> since = List.copyOf(breaches);
        breaches.clear();
        return since;
    }

    /** Nanoseconds from the answer to a write until a watch showed it, since this was asked last; sorted. */
    synchronized long[] lags() {
        long[] since = lags.stream().mapToLong(Long::longValue).sorted().toArray();
        lags = new ArrayList<>();
        return since;
    }

    /**
     * Holds what there is against what writers were told, once they have stopped.
     *
     * @param versions of all objects there are, by name
     * @return what was lost, or is there and should not be
     */
    synchronized List<String> differences(Map<String, String> versions) {
        Map<String, String> left = new TreeMap<>(versions);
        List<String> differences = new ArrayList<>();
        histories.forEach((name, history) -> {
            String version = left.remove(name);
            if (history.unknown || history.told.isEmpty()) {
                return;
            }
            String last = history.told.getLast().event();
            if (!agrees(last, version)) {
                differences.add("of " + name + " a writer was told " + last + " last, and it is "
                        + (version == null ? "not there" : "there at " + version));
            }
        });
        left.forEach((name, version) -> differences.add(name + " is there at " + version + ", and was deleted"));
        return differences;
    }

    private static boolean agrees(String last, @Nullable String version) {
        return version == null ? last.equals(DELETED) : last.endsWith(" " + version);
    }
}
