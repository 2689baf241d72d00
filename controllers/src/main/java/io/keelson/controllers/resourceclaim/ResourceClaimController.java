package io.keelson.controllers.resourceclaim;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimTemplate;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.PodClaims;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** {@code resourceclaim-controller}: keys are {@code pod:NAME} and {@code claim:NAME}. */
public final class ResourceClaimController implements Controller {
    private static final String NAME = "resourceclaim-controller";
    private static final int WORKERS = 50;
    private static final String POD = "pod:";
    private static final String CLAIM = "claim:";
    private static final String POD_CLAIM = "resource-claim";
    private static final String POD_TEMPLATE = "resource-claim-template";

    private final Cache<Pod> pods;
    private final Cache<ResourceClaim> claims;
    private final PodSync podSync;
    private final ClaimSync claimSync;

    private ResourceClaimController(Context context, Setup setup) {
        pods = setup.watch(Pod.class, this::ofPod);
        pods.index(POD_CLAIM, PodClaims::keys);
        pods.index(POD_TEMPLATE, ResourceClaimController::templates);
        claims = setup.watch(ResourceClaim.class, this::ofClaim);
        Cache<ResourceClaimTemplate> templates = setup.watch(ResourceClaimTemplate.class, this::ofTemplate);
        ClaimFigures figures = new ClaimFigures(setup.metrics(), claims);
        podSync = new PodSync(context.client(), context.events().from("resource_claim"), claims, templates, figures);
        claimSync = new ClaimSync(context.client(), pods);
    }

    /** The controller; it has no flags. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor(NAME, WORKERS, ResourceClaimController::new);
    }

    private static List<String> templates(Pod pod) {
        List<String> templates = new ArrayList<>();
        for (PodResourceClaim entry : PodClaims.of(pod)) {
            if (entry.getResourceClaimTemplateName() != null) {
                templates.add(Key.of(pod.getMetadata().getNamespace(), entry.getResourceClaimTemplateName())
                        .toString());
            }
        }
        return templates;
    }

    private static Key key(String prefix, String namespace, String name) {
        return new Key(namespace, prefix + name);
    }

    private static Key podKey(Pod pod) {
        return key(
                POD,
                OrEmpty.of(pod.getMetadata().getNamespace()),
                pod.getMetadata().getName());
    }

    private static Key claimKey(ResourceClaim claim) {
        return key(
                CLAIM,
                OrEmpty.of(claim.getMetadata().getNamespace()),
                claim.getMetadata().getName());
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
            addClaims(before, keys);
        }
        if (now != null && PodClaims.isDone(now)) {
            addClaims(now, keys);
        } else if (now != null && !PodClaims.of(now).isEmpty()) {
            keys.add(podKey(now));
        }
        return keys;
    }

    private void addClaims(Pod pod, Set<Key> keys) {
        Set<String> names = PodClaims.keys(pod);
        if (PodClaims.of(pod).isEmpty() && names.isEmpty()) {
            return;
        }
        String namespace = OrEmpty.of(pod.getMetadata().getNamespace());
        for (String name : names) {
            keys.add(key(CLAIM, namespace, name.substring(name.indexOf('/') + 1)));
        }
        // Made for it, but not in its status: nobody came to write it there.
        claims.ownedBy(pod.getMetadata().getUid()).forEach(claim -> keys.add(claimKey(claim)));
    }

    private Collection<Key> ofClaim(Change<ResourceClaim> change) {
        Set<Key> keys = new HashSet<>();
        ResourceClaim now = change.now();
        if (now != null) {
            keys.add(claimKey(now));
        }
        boolean allocated = now != null
                && Reservation.isAllocated(now)
                && (change.before() == null || !Reservation.isAllocated(change.before()));
        if (allocated || change.deleted()) {
            pods.indexed(POD_CLAIM, Key.of(change.object()).toString()).forEach(pod -> keys.add(podKey(pod)));
        }
        return keys;
    }

    private Collection<Key> ofTemplate(Change<ResourceClaimTemplate> change) {
        return change.added()
                ? pods.indexed(POD_TEMPLATE, Key.of(change.object()).toString()).stream()
                        .map(ResourceClaimController::podKey)
                        .toList()
                : List.of();
    }

    @Override
    public Outcome reconcile(Key key) {
        String name = key.name();
        if (name.startsWith(POD)) {
            Pod pod = pods.get(key.namespace(), name.substring(POD.length()));
            if (pod != null) {
                podSync.sync(pod);
            }
        } else {
            ResourceClaim claim = claims.get(key.namespace(), name.substring(CLAIM.length()));
            if (claim != null) {
                claimSync.sync(claim);
            }
        }
        return Outcome.done();
    }
}
