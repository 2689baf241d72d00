package io.keelson.scheduler;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Key;
import io.keelson.scheduler.decision.Watches;
import io.keelson.scheduler.groups.PodGroup;
import io.keelson.scheduler.groups.PodGroups;
import io.keelson.scheduler.queue.ClusterEvent;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Groups of pods without an API: a test plays the watches. */
final class TestGangs {
    final PodGroups groups = new PodGroups(true);
    private final Map<Key, PodGroup> told = new HashMap<>();
    private @Nullable Consumer<Change<PodGroup>> listener;

    TestGangs(Consumer<ClusterEvent> happened) {
        groups.watch(new Watches() {
            @Override
            @SuppressWarnings("unchecked") // Groups are all that is listened to.
            public <T extends HasMetadata> Cache<T> listen(Class<T> kind, Consumer<Change<T>> to) {
                listener = change -> to.accept((Change<T>) change);
                return none();
            }

            @Override
            public <T extends HasMetadata> Cache<T> read(Class<T> kind) {
                return none();
            }

            @Override
            public void happened(ClusterEvent event) {
                happened.accept(event);
            }

            @SuppressWarnings({"unchecked", "NullAway"}) // Nobody looks at it.
            private <T extends HasMetadata> Cache<T> none() {
                return (Cache<T>) null;
            }
        });
    }

    static Key key(String group) {
        return Key.of("default", group);
    }

    /** @param minCount null for a group whose pods are bound each by itself */
    void tell(String group, @Nullable Integer minCount) {
        PodGroup now = new PodGroup();
        now.setMetadata(new ObjectMetaBuilder()
                .withNamespace("default")
                .withName(group)
                .withUid(group)
                .build());
        now.setSpec(new PodGroup.Spec(new PodGroup.Policy(minCount == null ? null : new PodGroup.Gang(minCount))));
        listener().accept(new Change<>(told.put(key(group), now), now));
    }

    void delete(String group) {
        PodGroup before = told.remove(key(group));
        if (before != null) {
            listener().accept(new Change<>(before, null));
        }
    }

    private Consumer<Change<PodGroup>> listener() {
        if (listener == null) {
            throw new IllegalStateException("nobody listens");
        }
        return listener;
    }

    void add(Pod pod) {
        groups.pod(new Change<>(null, pod));
    }

    void remove(Pod pod) {
        groups.pod(new Change<>(pod, null));
    }

    static Pod pod(String group, String name, int cpu, int priority) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .withUid(name)
                .endMetadata()
                .withNewSpec()
                .withPriority(priority)
                .addToAdditionalProperties("schedulingGroup", Map.of("podGroupName", group))
                .addNewContainer()
                .withName("main")
                .withNewResources()
                .withRequests(Map.of("cpu", new Quantity(Integer.toString(cpu))))
                .endResources()
                .endContainer()
                .endSpec()
                .build();
    }

    static Node node(String name, int cpu) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .withNewStatus()
                .withAllocatable(Map.of("cpu", new Quantity(Integer.toString(cpu)), "pods", new Quantity("1000")))
                .endStatus()
                .build();
    }
}
