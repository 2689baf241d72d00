package io.keelson.agent.policy;

import io.keelson.agent.policy.TableChanges.TableChain;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What is to be in the table, and what of it changed since that was last asked for. What changed and changed back is no change,
 * and however often something changed only its last state counts. One thread at a time.
 */
final class TableContent {
    private final Map<String, TableSet> sets = new HashMap<>();
    private final Map<String, TableChain> chains = new HashMap<>();
    private final Map<String, Boolean> setsBefore = new HashMap<>();
    private final Map<String, Map<String, Optional<String>>> elementsBefore = new HashMap<>();
    private final Map<String, Optional<TableChain>> chainsBefore = new HashMap<>();
    private long version;

    /** The sets that all tables have. */
    TableContent() {
        for (boolean isV6 : new boolean[] {false, true}) {
            putSet(TableNames.self(isV6), TableSet.empty(TableSet.Kind.PAIRS, isV6, ""));
            for (Direction direction : Direction.values()) {
                putSet(TableNames.map(direction, isV6), TableSet.empty(TableSet.Kind.CHAINS, isV6, ""));
            }
        }
    }

    /** Grows with each change. */
    long version() {
        return version;
    }

    /** The sets by their names; not to be changed. */
    Map<String, TableSet> sets() {
        return sets;
    }

    /** The chains by their names; not to be changed. */
    Map<String, TableChain> chains() {
        return chains;
    }

    /** A set is to be there. */
    void putSet(String name, TableSet set) {
        version++;
        setsBefore.putIfAbsent(name, false);
        sets.put(name, set);
    }

    /** A set is not to be there; what was in it is returned. */
    Set<String> removeSet(String name) {
        version++;
        TableSet set = sets.remove(name);
        if (set == null) {
            return Set.of();
        }
        // Should it come back before anybody asks, its elements are what has changed of it.
        set.elements().forEach((key, value) -> remember(name, key, Optional.of(value)));
        setsBefore.putIfAbsent(name, true);
        return set.elements().keySet();
    }

    private void remember(String set, String key, Optional<String> value) {
        elementsBefore.computeIfAbsent(set, _ -> new HashMap<>()).putIfAbsent(key, value);
    }

    /** An element is to be in a set, which is there. */
    void put(String set, String key, String value) {
        Map<String, String> elements = elements(set);
        String before = elements.put(key, value);
        if (!value.equals(before)) {
            version++;
            remember(set, key, Optional.ofNullable(before));
        }
    }

    private Map<String, String> elements(String set) {
        TableSet found = sets.get(set);
        if (found == null) {
            throw new IllegalStateException("there is no set " + set);
        }
        return found.elements();
    }

    /** An element is not to be in a set, which is there. */
    void remove(String set, String key) {
        String before = elements(set).remove(key);
        if (before != null) {
            version++;
            remember(set, key, Optional.of(before));
        }
    }

    /** A chain is to be there with these rules. */
    void putChain(String name, TableChain chain) {
        TableChain before = chains.put(name, chain);
        if (!chain.equals(before)) {
            version++;
            chainsBefore.putIfAbsent(name, Optional.ofNullable(before));
        }
    }

    /** A chain is not to be there. */
    void removeChain(String name) {
        TableChain before = chains.remove(name);
        if (before != null) {
            version++;
            chainsBefore.putIfAbsent(name, Optional.of(before));
        }
    }

    /** All of it, as changes to an empty table. What changed is forgotten. */
    TableChanges everything() {
        forget();
        Map<String, TableSet> all = new TreeMap<>();
        sets.forEach((name, set) -> all.put(name, copy(set)));
        return new TableChanges(
                all, Set.of(), Map.of(), Map.of(), new TreeMap<>(chains), Set.copyOf(chains.keySet()), Set.of());
    }

    private static TableSet copy(TableSet set) {
        return new TableSet(set.kind(), set.isV6(), set.comment(), Map.copyOf(set.elements()));
    }

    private void forget() {
        setsBefore.clear();
        elementsBefore.clear();
        chainsBefore.clear();
    }

    /** What changed since this was last asked for, which is forgotten. */
    TableChanges changes() {
        Map<String, TableSet> newSets = new TreeMap<>();
        Set<String> removedSets = new TreeSet<>();
        setsBefore.forEach((name, wasThere) -> {
            TableSet set = sets.get(name);
            if (set != null && !wasThere) {
                newSets.put(name, copy(set));
            } else if (set == null && wasThere) {
                removedSets.add(name);
            }
        });
        Map<String, Set<String>> removed = new TreeMap<>();
        Map<String, Map<String, String>> added = new TreeMap<>();
        elementsBefore.forEach((name, before) -> {
            TableSet set = sets.get(name);
            if (set != null && !newSets.containsKey(name)) {
                difference(name, set, before, removed, added);
            }
        });
        Map<String, TableChain> changed = new TreeMap<>();
        Set<String> newChains = new HashSet<>();
        Set<String> removedChains = new TreeSet<>();
        chainsBefore.forEach((name, before) -> {
            TableChain now = chains.get(name);
            if (now == null && before.isPresent()) {
                removedChains.add(name);
            } else if (now != null && !Optional.of(now).equals(before)) {
                changed.put(name, now);
                if (before.isEmpty()) {
                    newChains.add(name);
                }
            }
        });
        forget();
        return new TableChanges(newSets, removedSets, removed, added, changed, newChains, removedChains);
    }

    private static void difference(
            String name,
            TableSet set,
            Map<String, Optional<String>> before,
            Map<String, Set<String>> removed,
            Map<String, Map<String, String>> added) {
        before.forEach((key, value) -> {
            Optional<String> now = Optional.ofNullable(set.elements().get(key));
            if (now.equals(value)) {
                return;
            }
            if (value.isPresent()) {
                removed.computeIfAbsent(name, _ -> new TreeSet<>()).add(key);
            }
            now.ifPresent(
                    chain -> added.computeIfAbsent(name, _ -> new TreeMap<>()).put(key, chain));
        });
    }
}
