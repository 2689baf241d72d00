package io.keelson.controllers.deployment;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.objects.Deletion;
import io.keelson.controllers.objects.OwnWrites;
import io.keelson.controllers.objects.Owners;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Key;
import org.jspecify.annotations.Nullable;

/** Reads and writes for one Deployment, and remembers its writes until the caches have seen them. */
final class DeploymentClient implements DeploymentApi {
    private final KubernetesClient client;
    private final Events events;
    private final Cache<Pod> pods;
    private final OwnWrites ownWrites;
    private final Key key;

    DeploymentClient(KubernetesClient client, Events events, Cache<Pod> pods, OwnWrites ownWrites, Key key) {
        this.client = client;
        this.events = events;
        this.pods = pods;
        this.ownWrites = ownWrites;
        this.key = key;
    }

    @Override
    public ReplicaSet create(ReplicaSet set) {
        ReplicaSet created = client.resource(set).create();
        ownWrites.created(key, created);
        return created;
    }

    @Override
    public @Nullable ReplicaSet read(ReplicaSet set) {
        return client.resource(set).get();
    }

    @Override
    public ReplicaSet update(ReplicaSet set) {
        ReplicaSet updated = client.resource(set).update();
        ownWrites.changed(key, updated);
        return updated;
    }

    @Override
    public void delete(ReplicaSet set) {
        Deletion.of(client, set);
    }

    @Override
    public Deployment update(Deployment deployment) {
        Deployment updated = client.resource(deployment).update();
        ownWrites.changed(key, updated);
        return updated;
    }

    @Override
    public Deployment updateStatus(Deployment deployment) {
        Deployment updated = client.resource(deployment).updateStatus();
        ownWrites.changed(key, updated);
        return updated;
    }

    @Override
    public boolean hasRunningPods(ReplicaSet set) {
        return pods.ownedBy(set.getMetadata().getUid()).stream()
                .anyMatch(pod -> Owners.isControlledBy(pod, set) && !Pods.isTerminal(pod));
    }

    @Override
    public void normal(Deployment about, String reason, String message) {
        events.normal(about, reason, message);
    }

    @Override
    public void warning(Deployment about, String reason, String message) {
        events.warning(about, reason, message);
    }
}
