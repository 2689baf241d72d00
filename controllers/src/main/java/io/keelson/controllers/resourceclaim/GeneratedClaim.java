package io.keelson.controllers.resourceclaim;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimTemplate;
import io.keelson.controllers.objects.ContentHash;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Owners;
import io.keelson.controllers.objects.PodClaims;

/** The claim that is made from a template for a pod. */
final class GeneratedClaim {
    /** On a claim: which of its pod's entries it was made for. */
    static final String ENTRY = "resource.kubernetes.io/pod-claim-name";

    /** On a claim that the scheduler made for extended resources. */
    static final String EXTENDED = "resource.kubernetes.io/extended-resource-claim";

    private static final int NAME_MAX = 63;

    private GeneratedClaim() {}

    /**
     * The claim.
     *
     * @param entry the name of the pod's entry
     * @param collisions how many names turned out to be taken
     */
    static ResourceClaim of(Pod pod, String entry, ResourceClaimTemplate template, int collisions) {
        ObjectMeta described = template.getSpec().getMetadata() == null
                ? new ObjectMeta()
                : template.getSpec().getMetadata();
        String prefix = pod.getMetadata().getName() + '-' + entry + '-';
        return new ResourceClaimBuilder()
                .withNewMetadata()
                .withNamespace(pod.getMetadata().getNamespace())
                .withName(name(pod, entry, prefix, collisions))
                .withGenerateName(prefix)
                .withLabels(OrEmpty.of(described.getLabels()))
                .withAnnotations(OrEmpty.of(described.getAnnotations()))
                .addToAnnotations(ENTRY, entry)
                .withOwnerReferences(Owners.controllerReference(pod))
                .endMetadata()
                .withSpec(template.getSpec().getSpec())
                .build();
    }

    private static String name(Pod pod, String entry, String prefix, int collisions) {
        String hash = ContentHash.of(pod.getMetadata().getUid() + '/' + entry, collisions);
        int room = NAME_MAX - hash.length();
        return (prefix.length() <= room ? prefix : prefix.substring(0, room)) + hash;
    }

    /** Whether a claim was made for an entry of a pod, and stays. */
    static boolean isFor(ResourceClaim claim, Pod pod, String entry) {
        return !claim.isMarkedForDeletion()
                && PodClaims.conflict(pod, claim) == null
                && entry.equals(OrEmpty.of(claim.getMetadata().getAnnotations()).get(ENTRY));
    }
}
