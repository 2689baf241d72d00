package io.keelson.controllers.resourceclaim;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimTemplate;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.PodClaims;
import io.keelson.controllers.objects.PodCreation;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Patch;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gives a pod the claims that it has templates for, and reserves claims for one that is on a node already. */
final class PodSync {
    private static final String FIELD_MANAGER = "ResourceClaimController";
    private static final int COLLISIONS_MAX = 10;

    private final KubernetesClient client;
    private final Events events;
    private final Cache<ResourceClaim> claims;
    private final Cache<ResourceClaimTemplate> templates;
    private final ClaimFigures figures;

    PodSync(
            KubernetesClient client,
            Events events,
            Cache<ResourceClaim> claims,
            Cache<ResourceClaimTemplate> templates,
            ClaimFigures figures) {
        this.figures = figures;
        this.client = client;
        this.events = events;
        this.claims = claims;
        this.templates = templates;
    }

    void sync(Pod pod) {
        if (Pods.isTerminating(pod) || PodClaims.isDone(pod)) {
            return;
        }
        Map<String, String> named = PodClaims.named(pod);
        Map<String, String> wanted = new LinkedHashMap<>(named);
        for (PodResourceClaim entry : PodClaims.of(pod)) {
            if (entry.getResourceClaimTemplateName() == null || "".equals(named.get(entry.getName()))) {
                continue;
            }
            try {
                wanted.put(entry.getName(), claimFor(pod, entry, named.get(entry.getName())));
            } catch (KubernetesClientException e) {
                if (PodCreation.namespaceEnds(e)) {
                    return;
                }
                tell(pod, entry, OrEmpty.of(e.getMessage()));
                throw e;
            } catch (IllegalStateException e) {
                tell(pod, entry, OrEmpty.of(e.getMessage()));
                throw new IllegalStateException(
                        "pod " + Key.of(pod) + ", PodResourceClaim " + entry.getName() + ": " + e.getMessage(), e);
            }
        }
        if (!wanted.equals(named)) {
            writeNames(pod, wanted);
        }
        // While it is on no node the scheduler reserves.
        if (!Pods.node(pod).isEmpty()) {
            reserve(pod, wanted);
        }
    }

    private void tell(Pod pod, PodResourceClaim entry, String problem) {
        events.warning(pod, "FailedResourceClaimCreation", "PodResourceClaim " + entry.getName() + ": " + problem);
    }

    /** The name of the claim for an entry, which is made if it is not there. */
    private String claimFor(Pod pod, PodResourceClaim entry, @Nullable String known) {
        String namespace = pod.getMetadata().getNamespace();
        ResourceClaim seen = known == null ? null : claims.get(namespace, known);
        if (seen != null) {
            String conflict = PodClaims.conflict(pod, seen);
            if (conflict != null) {
                throw new IllegalStateException(conflict);
            }
            return seen.getMetadata().getName();
        }
        for (ResourceClaim own : claims.ownedBy(pod.getMetadata().getUid())) {
            if (GeneratedClaim.isFor(own, pod, entry.getName())) {
                return own.getMetadata().getName();
            }
        }
        return make(pod, entry.getName(), template(namespace, entry.getResourceClaimTemplateName()));
    }

    private ResourceClaimTemplate template(String namespace, String name) {
        // A template that the cache has not seen yet is found when the key is tried again; nobody but the cache may
        // read
        // them by the role of this controller.
        ResourceClaimTemplate template = templates.get(namespace, name);
        if (template == null) {
            throw new IllegalStateException("resource claim template \"" + name
                    + "\": resourceclaimtemplate.resource.k8s.io \"" + name + "\" not found");
        }
        return template;
    }

    private String make(Pod pod, String entry, ResourceClaimTemplate template) {
        for (int collisions = 0; collisions < COLLISIONS_MAX; collisions++) {
            ResourceClaim claim = GeneratedClaim.of(pod, entry, template, collisions);
            try {
                String name = client.resource(claim).create().getMetadata().getName();
                figures.asked(claim, true);
                return name;
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                    figures.asked(claim, false);
                    throw e;
                }
                ResourceClaim there = client.resource(claim).get();
                if (there != null && GeneratedClaim.isFor(there, pod, entry)) {
                    // Made by an earlier run that the cache has not seen.
                    return there.getMetadata().getName();
                }
            }
        }
        throw new IllegalStateException("no name is free for a claim");
    }

    private void writeNames(Pod pod, Map<String, String> names) {
        List<Map<String, String>> statuses = new ArrayList<>();
        names.forEach((entry, claim) -> statuses.add(
                claim.isEmpty() ? Map.of("name", entry) : Map.of("name", entry, "resourceClaimName", claim)));
        Map<String, Object> applied = Map.of(
                "apiVersion",
                "v1",
                "kind",
                "Pod",
                "metadata",
                Map.of(
                        "name", pod.getMetadata().getName(),
                        "namespace", pod.getMetadata().getNamespace(),
                        "uid", pod.getMetadata().getUid()),
                "status",
                Map.of("resourceClaimStatuses", statuses));
        Patch.of(client, pod).status().apply(applied, FIELD_MANAGER);
    }

    private void reserve(Pod pod, Map<String, String> names) {
        for (PodResourceClaim entry : PodClaims.of(pod)) {
            String name = entry.getResourceClaimName() != null
                    ? entry.getResourceClaimName()
                    : OrEmpty.of(names.get(entry.getName()));
            ResourceClaim claim =
                    name.isEmpty() ? null : claims.get(pod.getMetadata().getNamespace(), name);
            boolean usable = claim != null
                    && (entry.getResourceClaimTemplateName() == null || PodClaims.conflict(pod, claim) == null);
            if (claim != null && usable) {
                ResourceClaim reserved = Reservation.reserved(claim, pod);
                if (!reserved.equals(claim)) {
                    client.resource(reserved).updateStatus();
                }
            }
        }
    }
}
