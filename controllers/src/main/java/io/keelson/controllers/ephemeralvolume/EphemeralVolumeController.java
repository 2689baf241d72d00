package io.keelson.controllers.ephemeralvolume;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.PodCreation;
import io.keelson.controllers.objects.PodVolumes;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import io.prometheus.metrics.core.metrics.Counter;
import java.net.HttpURLConnection;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code ephemeral-volume-controller}: keys are pods. */
public final class EphemeralVolumeController implements Controller {
    private static final String NAME = "ephemeral-volume-controller";

    private final KubernetesClient client;
    private final Events events;
    private final Cache<Pod> pods;
    private final Cache<PersistentVolumeClaim> claims;
    private final Counter creations;
    private final Counter failures;

    private EphemeralVolumeController(Context context, Setup setup) {
        client = context.client();
        events = context.events().from("ephemeral_volume");
        pods = setup.watch(Pod.class, EphemeralVolumeController::ofPod);
        pods.index(PodVolumes.BY_CLAIM, PodVolumes::claims);
        claims = setup.watch(PersistentVolumeClaim.class, this::ofClaim);
        creations = setup.metrics()
                .counter("ephemeral_volume_controller_create_total", "Claims whose creation was asked for");
        failures = setup.metrics()
                .counter("ephemeral_volume_controller_create_failures_total", "Claims whose creation was refused");
    }

    /** With what flags say. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor(NAME, 5, EphemeralVolumeController::new);
    }

    /** The volumes of a pod never change: it is looked at when it comes. */
    private static Collection<Key> ofPod(Change<Pod> change) {
        Pod before = change.before();
        Pod now = change.now();
        if (now == null || !hasEphemeral(now)) {
            return List.of();
        }
        boolean known = before != null
                && before.getMetadata().getUid().equals(now.getMetadata().getUid());
        return known ? List.of() : List.of(Key.of(now));
    }

    private static boolean hasEphemeral(Pod pod) {
        return PodVolumes.of(pod).stream().anyMatch(volume -> volume.getEphemeral() != null);
    }

    /** A claim that somebody deleted is made again if its pod still is there. */
    private Collection<Key> ofClaim(Change<PersistentVolumeClaim> change) {
        if (!change.deleted()) {
            return List.of();
        }
        return pods.indexed(PodVolumes.BY_CLAIM, Key.of(change.object()).toString()).stream()
                .filter(EphemeralVolumeController::hasEphemeral)
                .map(Key::of)
                .toList();
    }

    @Override
    public Outcome reconcile(Key key) {
        Pod pod = pods.get(key);
        if (pod == null || Pods.isTerminating(pod)) {
            return Outcome.done();
        }
        for (Volume volume : PodVolumes.of(pod)) {
            PersistentVolumeClaim wanted = EphemeralClaim.of(pod, volume);
            if (wanted == null) {
                continue;
            }
            String problem;
            try {
                problem = make(pod, wanted);
            } catch (KubernetesClientException e) {
                if (PodCreation.namespaceEnds(e)) {
                    return Outcome.done();
                }
                tell(pod, volume, Refusals.message(e));
                throw e;
            }
            if (problem != null) {
                tell(pod, volume, problem);
                throw new IllegalStateException(
                        "pod " + key + ", ephemeral volume " + volume.getName() + ": " + problem);
            }
        }
        return Outcome.done();
    }

    private void tell(Pod pod, Volume volume, @Nullable String problem) {
        events.warning(pod, "FailedBinding", "ephemeral volume " + volume.getName() + ": " + problem);
    }

    /** Makes a claim that is not there; null if it is the pod's, else why it is not. */
    private @Nullable String make(Pod pod, PersistentVolumeClaim wanted) {
        PersistentVolumeClaim known = claims.get(Key.of(wanted));
        if (known != null) {
            return PodVolumes.conflict(pod, known);
        }
        creations.inc();
        try {
            client.resource(wanted).create();
            return null;
        } catch (KubernetesClientException e) {
            failures.inc();
            PersistentVolumeClaim live = e.getCode() == HttpURLConnection.HTTP_CONFLICT
                    ? client.resource(wanted).get()
                    : null;
            if (live == null) {
                throw e;
            }
            // The cache is behind: it was made by us a moment ago, or by somebody else.
            return PodVolumes.conflict(pod, live);
        }
    }
}
