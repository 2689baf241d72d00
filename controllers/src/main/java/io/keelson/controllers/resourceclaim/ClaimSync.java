package io.keelson.controllers.resourceclaim;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimConsumerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.objects.Deletion;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Owners;
import io.keelson.controllers.objects.PodClaims;
import io.keelson.controllers.runtime.Cache;

/** Ends what pods that are done have of a claim. */
final class ClaimSync {
    private final KubernetesClient client;
    private final Cache<Pod> pods;

    ClaimSync(KubernetesClient client, Cache<Pod> pods) {
        this.client = client;
        this.pods = pods;
    }

    void sync(ResourceClaim seen) {
        String namespace = OrEmpty.of(seen.getMetadata().getNamespace());
        ResourceClaim ended =
                Reservation.ended(seen, consumer -> !Reservation.isPod(consumer) || needsIt(namespace, consumer));
        boolean changed = !ended.equals(seen);
        ResourceClaim claim = changed ? client.resource(ended).updateStatus() : seen;
        ResourceClaim unprotected = Reservation.unprotected(claim, changed);
        if (!unprotected.equals(claim)) {
            claim = client.resource(unprotected).update();
        }
        if (Reservation.of(claim).isEmpty() && !claim.isMarkedForDeletion() && isLeftByItsPod(claim)) {
            Deletion.of(client, claim);
        }
    }

    private boolean needsIt(String namespace, ResourceClaimConsumerReference consumer) {
        String name = OrEmpty.of(consumer.getName());
        if (name.isEmpty()) {
            // No server stores such a consumer; there is no pod of it.
            return false;
        }
        Pod seen = pods.get(namespace, name);
        if (seen != null && isConsumer(seen, consumer)) {
            return !PodClaims.isDone(seen);
        }
        // The cache may not have seen the pod yet for which the scheduler has just reserved the claim.
        Pod live = client.pods().inNamespace(namespace).withName(name).get();
        return live != null && isConsumer(live, consumer) && !PodClaims.isDone(live);
    }

    private static boolean isConsumer(Pod pod, ResourceClaimConsumerReference consumer) {
        return pod.getMetadata().getUid().equals(consumer.getUid());
    }

    /** Whether a claim was made for a pod that is done; if the pod is gone or was replaced, the garbage collector comes. */
    private boolean isLeftByItsPod(ResourceClaim claim) {
        OwnerReference owner = Owners.controllerOf(claim);
        if (owner == null
                || !"Pod".equals(owner.getKind())
                || !"v1".equals(owner.getApiVersion())
                || OrEmpty.of(claim.getMetadata().getAnnotations()).containsKey(GeneratedClaim.EXTENDED)) {
            return false;
        }
        Pod pod = pods.get(OrEmpty.of(claim.getMetadata().getNamespace()), OrEmpty.of(owner.getName()));
        return pod != null && pod.getMetadata().getUid().equals(owner.getUid()) && PodClaims.isDone(pod);
    }
}
