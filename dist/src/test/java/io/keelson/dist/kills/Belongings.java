package io.keelson.dist.kills;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What a machine has, by kind, each thing by its name. */
record Belongings(Map<String, NavigableSet<String>> kinds) {
    private static final int SHOWN = 8;

    Belongings() {
        this(new TreeMap<>());
    }

    void add(String kind, Iterable<String> things) {
        NavigableSet<String> all = kinds.computeIfAbsent(kind, _ -> new TreeSet<>());
        things.forEach(all::add);
    }

    /** What is here and was not before, and the other way round; empty if it is the same. */
    List<String> since(Belongings before) {
        List<String> changes = new ArrayList<>();
        kinds.forEach((kind, things) -> {
            NavigableSet<String> had = before.kinds.getOrDefault(kind, new TreeSet<>());
            tell(changes, things, had, kind + " left behind");
            tell(changes, had, things, kind + " lost");
        });
        return changes;
    }

    private static void tell(
            List<String> changes, NavigableSet<String> these, NavigableSet<String> those, String what) {
        List<String> more =
                these.stream().filter(thing -> !those.contains(thing)).toList();
        if (!more.isEmpty()) {
            changes.add(more.size() + " " + what + ": "
                    + more.stream().limit(SHOWN).collect(Collectors.joining(", "))
                    + (more.size() > SHOWN ? ", …" : ""));
        }
    }

    /** How many of each kind. */
    String counts() {
        return kinds.entrySet().stream()
                .map(each -> each.getValue().size() + " " + each.getKey())
                .collect(Collectors.joining(", "));
    }
}
