package io.keelson.scheduler.state;

import io.fabric8.kubernetes.api.model.Node;
import io.keelson.controllers.runtime.Key;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * All nodes and the pods on them: what the API's watches have told, and what was decided since. One thread owns it.
 *
 * <p>A pod that was decided on is {@linkplain #put put} on its node at once, long before the API knows, so that the next
 * decision counts it; if its binding fails it is {@linkplain #remove removed}. When the watch tells of it, it is put again,
 * and nothing changes. A pod on a node that is not known counts from when the node is.
 */
public final class ClusterState {
    /** Counts of matchers that nobody asked for lately are forgotten beyond this many. */
    private static final int COUNTS_MAX = 16 * 1024;

    private final ResourceTable table = new ResourceTable();
    private final NodeState.Shared shared = new NodeState.Shared(table);
    private final Map<String, NodeState> nodes = new HashMap<>();
    private final List<NodeState> order = new ArrayList<>();
    private @Nullable List<NodeState> turns;
    private final BitSet slots = new BitSet();
    private final Map<String, Placed> pods = new HashMap<>();
    private final Map<String, Map<String, Placed>> strays = new HashMap<>();
    private final Map<String, Map<String, String>> namespaces = new HashMap<>();
    private final Map<TermKind, Map<AffinityTerm, PodCounts>> holders = new EnumMap<>(TermKind.class);
    private final Map<TermKind, MatcherIndex<AffinityTerm, PodCounts>> holdersByLabel = new EnumMap<>(TermKind.class);
    private final MatcherIndex<PodMatcher, PodCounts> countsByLabel = new MatcherIndex<>();
    private final Map<PodMatcher, PodCounts> counts = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<PodMatcher, PodCounts> eldest) {
            if (size() <= COUNTS_MAX) {
                return false;
            }
            countsByLabel.remove(eldest.getKey(), eldest.getKey());
            return true;
        }
    };

    /** How many nodes have each value of the labels that were asked for. */
    private final Map<String, Map<String, Integer>> domains = new HashMap<>();

    private final Map<String, Integer> labelled = new HashMap<>();
    private final Map<Key, Integer> claimUses = new HashMap<>();

    private record Placed(PodInfo pod, String node) {}

    /** The ways in which a pod can care for others. */
    public enum TermKind {
        /** It must be near them. */
        AFFINITY,
        /** It must not be near them. */
        ANTI_AFFINITY,
        /** It would be near them. */
        PREFERRED_AFFINITY,
        /** It would not be near them. */
        PREFERRED_ANTI_AFFINITY;

        List<AffinityTerm> of(PodInfo pod) {
            return switch (this) {
                case AFFINITY -> pod.affinity();
                case ANTI_AFFINITY -> pod.antiAffinity();
                case PREFERRED_AFFINITY -> pod.preferredAffinity();
                case PREFERRED_ANTI_AFFINITY -> pod.preferredAntiAffinity();
            };
        }
    }

    /** Empty. */
    public ClusterState() {
        for (TermKind kind : TermKind.values()) {
            holders.put(kind, new HashMap<>());
            holdersByLabel.put(kind, new MatcherIndex<>());
        }
    }

    /** The numbers of resources. */
    public ResourceTable table() {
        return table;
    }

    /** How many nodes there are. */
    public int nodeCount() {
        return order.size();
    }

    /** How many pods are counted, be it on nodes that are not known yet. */
    public int podCount() {
        return pods.size();
    }

    /**
     * The nodes, one of each zone in turn, so that those that are looked at are of all zones however few they are. In the same
     * order until nodes come, go or change their zone.
     */
    public List<NodeState> nodes() {
        if (turns == null) {
            turns = Collections.unmodifiableList(inTurns());
        }
        return turns;
    }

    private List<NodeState> inTurns() {
        Map<String, List<NodeState>> zones = new LinkedHashMap<>();
        for (NodeState node : order) {
            zones.computeIfAbsent(zone(node.labels()), ignored -> new ArrayList<>())
                    .add(node);
        }
        if (zones.size() <= 1) {
            return new ArrayList<>(order);
        }
        List<NodeState> inTurns = new ArrayList<>(order.size());
        List<List<NodeState>> left = new ArrayList<>(zones.values());
        for (int turn = 0; !left.isEmpty(); turn++) {
            int now = turn;
            left.removeIf(zone -> zone.size() <= now);
            left.forEach(zone -> inTurns.add(zone.get(now)));
        }
        return inTurns;
    }

    private static String zone(Map<String, String> labels) {
        return labels.getOrDefault("topology.kubernetes.io/region", "")
                + '/'
                + labels.getOrDefault("topology.kubernetes.io/zone", "");
    }

    /** A node; null if it is not known. */
    public @Nullable NodeState node(String name) {
        return nodes.get(name);
    }

    /** A node is new, or there is another version of it. */
    public void setNode(Node node) {
        String name = node.getMetadata().getName();
        NodeState known = nodes.get(name);
        if (known != null) {
            Map<String, String> before = known.labels();
            countNode(known, -1);
            known.update(node);
            countNode(known, 1);
            if (!before.equals(known.labels())) {
                counts.values().forEach(each -> each.move(known, before, known.labels()));
                holders.values()
                        .forEach(terms -> terms.values().forEach(each -> each.move(known, before, known.labels())));
                if (!zone(before).equals(zone(known.labels()))) {
                    turns = null;
                }
            }
            return;
        }
        int slot = slots.nextClearBit(0);
        slots.set(slot);
        NodeState added = new NodeState(slot, node, shared);
        nodes.put(name, added);
        added.setPlace(order.size());
        order.add(added);
        turns = null;
        countNode(added, 1);
        Map<String, Placed> waiting = strays.remove(name);
        if (waiting != null) {
            waiting.values().forEach(placed -> count(placed.pod(), added));
        }
    }

    /** A node is gone; its pods are known until the API says that they are gone as well. */
    public void removeNode(String name) {
        NodeState gone = nodes.get(name);
        if (gone == null) {
            return;
        }
        for (PodInfo pod : List.copyOf(gone.pods())) {
            uncount(pod, gone);
            stray(new Placed(pod, name));
        }
        countNode(gone, -1);
        nodes.remove(name);
        slots.clear(gone.slot());
        turns = null;
        // The last takes its place.
        NodeState last = order.removeLast();
        if (gone.place() < order.size()) {
            order.set(gone.place(), last);
            last.setPlace(gone.place());
        }
        gone.release();
    }

    private void countNode(NodeState node, int by) {
        domains.forEach((key, values) -> {
            String value = node.labels().get(key);
            if (value != null) {
                add(values, value, by);
                add(labelled, key, by);
            }
        });
    }

    private static <K> void add(Map<K, Integer> sums, K key, int by) {
        sums.merge(key, by, (before, change) -> before + change == 0 ? null : before + change);
    }

    /** How many pods on nodes, on those that are not known included, use a claim of a volume. */
    public int usesOfClaim(Key claim) {
        return claimUses.getOrDefault(claim, 0);
    }

    /** How many nodes have an image of this name. */
    public int nodesWithImage(String name) {
        return shared.images().nodesWith(name);
    }

    /** The values that nodes have of a label, and how many nodes have each. Not to be kept. */
    public Map<String, Integer> domains(String topologyKey) {
        Map<String, Integer> known = domains.get(topologyKey);
        if (known == null) {
            known = new HashMap<>();
            for (NodeState node : order) {
                String value = node.labels().get(topologyKey);
                if (value != null) {
                    add(known, value, 1);
                }
            }
            if (domains.size() < COUNTS_MAX) {
                domains.put(topologyKey, known);
                int sum = known.values().stream().mapToInt(Integer::intValue).sum();
                if (sum > 0) {
                    labelled.put(topologyKey, sum);
                }
            }
        }
        return Collections.unmodifiableMap(known);
    }

    /** Whether all nodes have a label. False if too many labels are asked for to know. */
    public boolean isOnAllNodes(String topologyKey) {
        domains(topologyKey);
        return labelled.getOrDefault(topologyKey, 0) == order.size();
    }

    private void stray(Placed placed) {
        strays.computeIfAbsent(placed.node(), ignored -> new HashMap<>())
                .put(placed.pod().uid(), placed);
    }

    /** A pod is on a node, or will be. One of the same uid is replaced, wherever it was. */
    public void put(PodInfo pod, String node) {
        remove(pod.uid());
        Placed placed = new Placed(pod, node);
        pods.put(pod.uid(), placed);
        pod.volumes().claims().forEach(claim -> add(claimUses, claim, 1));
        NodeState state = nodes.get(node);
        if (state == null) {
            stray(placed);
        } else {
            count(pod, state);
        }
    }

    /** A pod is on no node any more; nothing happens if it was on none. */
    public void remove(String uid) {
        Placed placed = pods.remove(uid);
        if (placed == null) {
            return;
        }
        placed.pod().volumes().claims().forEach(claim -> add(claimUses, claim, -1));
        NodeState state = nodes.get(placed.node());
        if (state != null) {
            uncount(placed.pod(), state);
            return;
        }
        Map<String, Placed> waiting = strays.get(placed.node());
        if (waiting != null && waiting.remove(uid) != null && waiting.isEmpty()) {
            strays.remove(placed.node());
        }
    }

    /** The pod of a uid that is on a node; null if none is. */
    public @Nullable PodInfo pod(String uid) {
        Placed placed = pods.get(uid);
        return placed == null ? null : placed.pod();
    }

    /** On which node a pod is; null if on none. */
    public @Nullable String nodeOf(String uid) {
        Placed placed = pods.get(uid);
        return placed == null ? null : placed.node();
    }

    private void count(PodInfo pod, NodeState node) {
        node.add(pod);
        change(pod, node, 1);
    }

    private void uncount(PodInfo pod, NodeState node) {
        node.remove(pod);
        change(pod, node, -1);
    }

    private void change(PodInfo pod, NodeState node, int by) {
        countsByLabel.forEach(pod.labels(), (matcher, each) -> {
            if (matches(matcher, pod)) {
                each.count(node, by);
            }
        });
        for (TermKind kind : TermKind.values()) {
            Map<AffinityTerm, PodCounts> terms = terms(kind);
            for (AffinityTerm term : kind.of(pod)) {
                PodCounts holding = terms.get(term);
                if (holding == null) {
                    holding = new PodCounts();
                    terms.put(term, holding);
                    byLabel(kind).put(term.pods(), term, holding);
                }
                holding.count(node, by);
                if (holding.total() == 0) {
                    terms.remove(term);
                    byLabel(kind).remove(term.pods(), term);
                }
            }
        }
    }

    /** A namespace is new or has other labels. */
    public void setNamespace(String name, Map<String, String> labels) {
        Map<String, String> before = namespaces.put(name, Map.copyOf(labels));
        if (!labels.equals(before)) {
            forgetCountsByNamespaceLabels();
        }
    }

    /** A namespace is gone. */
    public void removeNamespace(String name) {
        if (namespaces.remove(name) != null) {
            // Pods of it may still be there for a while, and are counted without its labels from now on.
            forgetCountsByNamespaceLabels();
        }
    }

    private void forgetCountsByNamespaceLabels() {
        counts.keySet().removeIf(matcher -> {
            boolean isPast = matcher.asksForNamespaceLabels();
            if (isPast) {
                countsByLabel.remove(matcher, matcher);
            }
            return isPast;
        });
    }

    /** Whether a matcher means a pod. */
    public boolean matches(PodMatcher matcher, PodInfo pod) {
        return matcher.matches(pod, namespaces.getOrDefault(pod.namespace(), Map.of()));
    }

    /** How many pods that a matcher means are where. */
    public PodCounts counts(PodMatcher matcher) {
        PodCounts known = counts.get(matcher);
        if (known != null) {
            return known;
        }
        PodCounts counted = new PodCounts();
        for (NodeState node : order) {
            for (PodInfo pod : node.pods()) {
                if (matches(matcher, pod)) {
                    counted.count(node, 1);
                }
            }
        }
        counts.put(matcher, counted);
        countsByLabel.put(matcher, matcher, counted);
        return counted;
    }

    /** Calls for each term of pods on nodes that means a pod, with how many pods that have the term are where. */
    public void forEachHolder(TermKind kind, PodInfo pod, BiConsumer<AffinityTerm, PodCounts> consumer) {
        byLabel(kind).forEach(pod.labels(), (term, holding) -> {
            if (matches(term.pods(), pod)) {
                consumer.accept(term, holding);
            }
        });
    }

    private MatcherIndex<AffinityTerm, PodCounts> byLabel(TermKind kind) {
        return Objects.requireNonNull(holdersByLabel.get(kind), "each kind has its index");
    }

    private Map<AffinityTerm, PodCounts> terms(TermKind kind) {
        return Objects.requireNonNull(holders.get(kind), "each kind has its terms");
    }

    /** All pods that are on nodes, on those that are not known included. */
    public Collection<String> uids() {
        return Collections.unmodifiableCollection(pods.keySet());
    }
}
