package io.keelson.scheduler;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ReplicationController;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Caches;
import io.keelson.scheduler.state.DefaultSelector;
import io.keelson.scheduler.state.DefaultSpread;
import io.keelson.scheduler.state.PodInfo;
import org.jspecify.annotations.Nullable;

/** Which pods belong together with one that does not say so itself, by the services and controllers that there are. */
final class DefaultGroups {
    private final Cache<Service> services;
    private final Cache<ReplicationController> controllers;
    private final Cache<ReplicaSet> replicaSets;
    private final Cache<StatefulSet> statefulSets;

    /** Looks at services and controllers from the start of the caches on. */
    DefaultGroups(Caches caches) {
        services = caches.of(Service.class);
        controllers = caches.of(ReplicationController.class);
        replicaSets = caches.of(ReplicaSet.class);
        statefulSets = caches.of(StatefulSet.class);
    }

    private @Nullable LabelSelector of(Pod pod) {
        return DefaultSelector.of(pod, services.in(pod.getMetadata().getNamespace()), controller(pod));
    }

    /** A pod as it is spread if it does not say itself how. */
    PodInfo spread(PodInfo pod, DefaultSpread spread) {
        return spread.constraints().isEmpty()
                        || !OrEmpty.of(pod.pod().getSpec().getTopologySpreadConstraints())
                                .isEmpty()
                ? pod
                : pod.spreadBy(spread, of(pod.pod()));
    }

    private @Nullable HasMetadata controller(Pod pod) {
        String namespace = pod.getMetadata().getNamespace();
        for (OwnerReference owner : OrEmpty.of(pod.getMetadata().getOwnerReferences())) {
            if (OrEmpty.of(owner.getController())) {
                HasMetadata found = switch (OrEmpty.of(owner.getKind())) {
                    case "ReplicaSet" -> replicaSets.get(namespace, owner.getName());
                    case "StatefulSet" -> statefulSets.get(namespace, owner.getName());
                    case "ReplicationController" -> controllers.get(namespace, owner.getName());
                    default -> null;
                };
                return found != null && found.getMetadata().getUid().equals(owner.getUid()) ? found : null;
            }
        }
        return null;
    }
}
