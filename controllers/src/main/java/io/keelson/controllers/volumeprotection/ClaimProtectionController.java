package io.keelson.controllers.volumeprotection;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.PodVolumes;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code persistentvolumeclaim-protection-controller}. A key with a name is a claim that lacks the finalizer; one without
 * stands for all claims of its namespace that are to be deleted and have it.
 */
public final class ClaimProtectionController implements Controller {
    /** Holds back the deletion of a claim. */
    public static final String FINALIZER = "kubernetes.io/pvc-protection";

    private static final String NAME = "persistentvolumeclaim-protection-controller";
    private static final int WORKERS = 5;
    private static final String GOING = "protection-going";

    private final KubernetesClient client;
    private final Cache<PersistentVolumeClaim> claims;
    private final Cache<Pod> pods;

    private ClaimProtectionController(Context context, Setup setup) {
        client = context.client();
        claims = setup.watch(PersistentVolumeClaim.class, ClaimProtectionController::ofClaim);
        claims.index(
                GOING, claim -> isGoing(claim) ? List.of(claim.getMetadata().getNamespace()) : List.of());
        pods = setup.watch(Pod.class, this::ofPod);
        pods.index(PodVolumes.BY_CLAIM, PodVolumes::claims);
    }

    /** The controller; it has no flags. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor(NAME, WORKERS, ClaimProtectionController::new);
    }

    private static boolean isGoing(PersistentVolumeClaim claim) {
        return claim.isMarkedForDeletion() && claim.hasFinalizer(FINALIZER);
    }

    private static Collection<Key> ofClaim(Change<PersistentVolumeClaim> change) {
        PersistentVolumeClaim claim = change.now();
        if (claim == null) {
            return List.of();
        }
        if (isGoing(claim)) {
            return List.of(allOf(claim.getMetadata().getNamespace()));
        }
        return lacksFinalizer(claim) ? List.of(Key.of(claim)) : List.of();
    }

    private static boolean lacksFinalizer(PersistentVolumeClaim claim) {
        return !claim.isMarkedForDeletion() && !claim.hasFinalizer(FINALIZER);
    }

    private static Key allOf(String namespace) {
        return new Key(namespace, "");
    }

    private Collection<Key> ofPod(Change<Pod> change) {
        Pod before = change.before();
        Pod now = change.now();
        Set<Key> keys = new HashSet<>();
        if (before != null
                && (now == null
                        || !before.getMetadata()
                                .getUid()
                                .equals(now.getMetadata().getUid()))) {
            addGoing(before, keys);
        }
        if (now != null && (Pods.isTerminal(now) || Pods.node(now).isEmpty() || ClaimUse.isShutDown(now))) {
            addGoing(now, keys);
        }
        return keys;
    }

    private void addGoing(Pod pod, Set<Key> keys) {
        String namespace = pod.getMetadata().getNamespace();
        Set<String> names = new HashSet<>(PodVolumes.claims(pod));
        if (!names.isEmpty()
                && claims.indexed(GOING, namespace).stream()
                        .anyMatch(claim -> names.contains(Key.of(claim).toString()))) {
            keys.add(allOf(namespace));
        }
    }

    @Override
    public Outcome reconcile(Key key) {
        if (key.name().isEmpty()) {
            letGo(key.namespace());
        } else {
            protect(claims.get(key));
        }
        return Outcome.done();
    }

    private void protect(@Nullable PersistentVolumeClaim claim) {
        if (claim != null && lacksFinalizer(claim)) {
            client.resource(new PersistentVolumeClaimBuilder(claim)
                            .editMetadata()
                            .addToFinalizers(FINALIZER)
                            .endMetadata()
                            .build())
                    .update();
        }
    }

    private void letGo(String namespace) {
        List<PersistentVolumeClaim> unused = claims.indexed(GOING, namespace).stream()
                .filter(claim -> pods.indexed(PodVolumes.BY_CLAIM, Key.of(claim).toString()).stream()
                        .noneMatch(pod -> ClaimUse.uses(pod, claim)))
                .toList();
        if (unused.isEmpty()) {
            return;
        }
        Map<String, List<Pod>> users = livePods(namespace);
        KubernetesClientException failure = null;
        for (PersistentVolumeClaim claim : unused) {
            boolean used = users.getOrDefault(Key.of(claim).toString(), List.of()).stream()
                    .anyMatch(pod -> ClaimUse.uses(pod, claim));
            if (!used) {
                try {
                    release(claim);
                } catch (KubernetesClientException e) {
                    // The others need not wait for this one.
                    failure = e;
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private Map<String, List<Pod>> livePods(String namespace) {
        Map<String, List<Pod>> users = new HashMap<>();
        for (Pod pod : client.pods().inNamespace(namespace).list().getItems()) {
            for (String claim : PodVolumes.claims(pod)) {
                users.computeIfAbsent(claim, ignored -> new ArrayList<>()).add(pod);
            }
        }
        return users;
    }

    private void release(PersistentVolumeClaim claim) {
        try {
            client.resource(new PersistentVolumeClaimBuilder(claim)
                            .editMetadata()
                            .removeFromFinalizers(FINALIZER)
                            .endMetadata()
                            .build())
                    .update();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }
}
