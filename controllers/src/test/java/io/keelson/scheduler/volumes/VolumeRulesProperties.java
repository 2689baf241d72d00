package io.keelson.scheduler.volumes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.keelson.controllers.runtime.Change;
import io.keelson.scheduler.decision.Filter;
import io.keelson.scheduler.decision.Hinted;
import io.keelson.scheduler.decision.Rejection;
import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.queue.ClusterEvent.Kind;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Every rule against a plain one that looks at everything each time, while the cluster changes in between. */
class VolumeRulesProperties {
    private static final int NODES = 4;

    /** The same cluster twice, changed in step. */
    private static final class Twins {
        final RandomStorage random;
        final ClusterState cluster = new ClusterState();
        final StorageState storage = new StorageState();
        final PlainStorage plain = new PlainStorage();
        final List<Filter> filters = List.of(
                new VolumeRestrictions(storage),
                new NodeVolumeLimits(storage),
                new VolumeBinding(storage, VolumeBinding.BIND_TIMEOUT, List.of()),
                new VolumeZone(storage));

        Twins(long seed) {
            random = new RandomStorage(seed);
            for (int i = 40 + random.below(60); i > 0; i--) {
                change();
            }
        }

        /** Returns what happened that pods may have waited for. */
        List<ClusterEvent> change() {
            return switch (random.below(12)) {
                case 0, 1, 2 -> {
                    String name = (random.oneIn(3) ? "pod" + random.below(3) + "-v" : "claim") + random.below(5);
                    yield set(plain.claims, name, random.claim("one", name), Kind.VOLUME_CLAIM, storage::claim);
                }
                case 3, 4 -> {
                    String name = "volume" + random.below(6);
                    yield set(plain.volumes, name, random.volume(name), Kind.VOLUME, storage::volume);
                }
                case 5 -> {
                    String name = random.any("x", "y");
                    yield set(
                            plain.classes, name, random.storageClass(name), Kind.STORAGE_CLASS, storage::storageClass);
                }
                case 6 -> {
                    String name = "node" + random.below(NODES);
                    yield set(plain.csiNodes, name, random.csiNode(name), Kind.CSI_NODE, storage::csiNode);
                }
                case 7 -> {
                    String name = random.any("csi.a", "csi.b");
                    yield set(plain.drivers, name, random.driver(name), Kind.CSI_DRIVER, storage::driver);
                }
                case 8 -> {
                    String name = "capacity" + random.below(4);
                    yield set(plain.capacities, name, random.capacity(name), Kind.STORAGE_CAPACITY, storage::capacity);
                }
                case 9 -> {
                    String name = "attachment" + random.below(4);
                    VolumeAttachment known = plain.attachments.remove(name);
                    if (known == null) {
                        yield set(
                                plain.attachments,
                                name,
                                random.attachment(name),
                                Kind.VOLUME_ATTACHMENT,
                                storage::attachment);
                    }
                    // None becomes that of another node.
                    Change<VolumeAttachment> gone = new Change<>(known, null);
                    storage.attachment(gone);
                    yield List.of(ClusterEvent.of(Kind.VOLUME_ATTACHMENT, gone));
                }
                case 10 -> node("node" + random.below(NODES));
                default -> pod("pod" + random.below(8));
            };
        }

        private <T extends HasMetadata> List<ClusterEvent> set(
                Map<String, T> all, String name, T fresh, Kind kind, Consumer<Change<T>> telling) {
            T before = all.get(name);
            if (before != null && random.oneIn(4)) {
                all.remove(name);
                Change<T> change = new Change<>(before, null);
                telling.accept(change);
                telling.accept(change);
                return List.of(ClusterEvent.of(kind, change));
            }
            all.put(name, fresh);
            Change<T> change = new Change<>(before, fresh);
            telling.accept(change);
            if (before != null) {
                // Told late.
                telling.accept(new Change<>(null, before));
            }
            return List.of(ClusterEvent.of(kind, change));
        }

        private List<ClusterEvent> node(String name) {
            NodeState known = cluster.node(name);
            if (known != null && random.oneIn(4)) {
                cluster.removeNode(name);
                plain.nodes.remove(name);
                return List.of(ClusterEvent.of(Kind.NODE_DELETED, known));
            }
            Node fresh = random.node(name);
            cluster.setNode(fresh);
            plain.nodes.put(name, fresh);
            return List.of(ClusterEvent.of(
                    known == null ? Kind.NODE_ADDED : Kind.NODE_LABELS, Objects.requireNonNull(cluster.node(name))));
        }

        private List<ClusterEvent> pod(String name) {
            Pod known = plain.pods.remove(name);
            String place = plain.places.remove(name);
            if (known != null && place != null) {
                PodInfo was = PodInfo.of(known, cluster.table());
                cluster.remove(was.uid());
                return List.of(ClusterEvent.of(Kind.POD_LEFT, was, cluster.node(place)));
            }
            Pod fresh = random.pod(name);
            String node = "node" + random.below(NODES);
            plain.pods.put(name, fresh);
            plain.places.put(name, node);
            PodInfo info = PodInfo.of(fresh, cluster.table());
            cluster.put(info, node);
            return List.of(ClusterEvent.of(Kind.POD_ASSIGNED, info, cluster.node(node)));
        }

        Set<String> reasons(Filter filter, PodInfo pod, Node node) {
            Rejection everywhere = filter.rejectEverywhere(pod, cluster);
            if (everywhere != null) {
                assertFalse(everywhere.resolvable());
                return Set.of(everywhere.reason());
            }
            Filter.Test test = filter.prepare(pod, cluster);
            NodeState state =
                    Objects.requireNonNull(cluster.node(node.getMetadata().getName()));
            Set<String> reasons = new TreeSet<>();
            if (test != null) {
                test.test(state).forEach(each -> reasons.add(each.reason()));
            }
            return reasons;
        }

        boolean passesSomewhere(Filter filter, PodInfo pod) {
            return plain.nodes.values().stream()
                    .anyMatch(node -> reasons(filter, pod, node).isEmpty());
        }
    }

    @Property(tries = 1500)
    void filtersAreWhatTheDocumentationSaysWhileTheClusterChanges(@ForAll long seed) {
        Twins twins = new Twins(seed);
        for (int step = 0; step < 6; step++) {
            Pod pod = twins.random.pod("pod" + twins.random.below(3));
            PodInfo info = PodInfo.of(pod, twins.cluster.table());
            for (Filter filter : twins.filters) {
                for (Node node : twins.plain.nodes.values()) {
                    assertEquals(
                            new TreeSet<>(twins.plain.reasons(filter.name(), pod, node)),
                            twins.reasons(filter, info, node),
                            () -> filter.name() + '\n' + Serialization.asYaml(pod) + Serialization.asYaml(node));
                }
            }
            twins.change();
        }
    }

    /** The driver of a claim that somebody uses changes here and with no API server. */
    private static boolean isOddForLimits(Filter filter, List<ClusterEvent> events) {
        return filter instanceof NodeVolumeLimits
                && events.stream()
                        .anyMatch(event -> event.kind() == Kind.VOLUME_CLAIM || event.kind() == Kind.STORAGE_CLASS);
    }

    @Property(tries = 1500)
    void whatLetsAPodOntoANodeIsToldToMayHelp(@ForAll long seed) {
        Twins twins = new Twins(seed);
        List<PodInfo> pods = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            pods.add(PodInfo.of(twins.random.pod("pod" + i), twins.cluster.table()));
        }
        for (int step = 0; step < 25; step++) {
            Map<Filter, List<PodInfo>> rejected = new LinkedHashMap<>();
            for (Filter filter : twins.filters) {
                rejected.put(
                        filter,
                        pods.stream()
                                .filter(pod -> !twins.plain.nodes.isEmpty() && !twins.passesSomewhere(filter, pod))
                                .toList());
            }
            List<ClusterEvent> events = twins.change();
            rejected.forEach((filter, waiting) -> {
                for (PodInfo pod : waiting) {
                    if (!isOddForLimits(filter, events) && twins.passesSomewhere(filter, pod)) {
                        Hinted hinted = (Hinted) filter;
                        assertTrue(
                                events.stream()
                                        .anyMatch(event ->
                                                hinted.helpedBy().contains(event.kind()) && hinted.mayHelp(pod, event)),
                                () -> filter.name() + " of " + pod.key() + " is not helped by " + events);
                    }
                }
            });
        }
    }
}
