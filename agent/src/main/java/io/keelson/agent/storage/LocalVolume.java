package io.keelson.agent.storage;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.VolumeAnnotations;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A volume that is a folder of a node. */
final class LocalVolume {
    private static final String HOSTNAME = "kubernetes.io/hostname";
    private static final Set<String> MODES = Set.of("ReadWriteOnce", "ReadWriteOncePod");

    private LocalVolume() {}

    /** Its name, and that of its folder. */
    static String name(PersistentVolumeClaim claim) {
        return "pvc-" + claim.getMetadata().getUid();
    }

    /** Why a claim cannot have one; empty if it can. */
    static Optional<String> refusal(PersistentVolumeClaim claim) {
        if ("Block".equals(claim.getSpec().getVolumeMode())) {
            return Optional.of("volumes of this class are folders: volumeMode Block cannot be had");
        }
        if (!MODES.containsAll(OrEmpty.of(claim.getSpec().getAccessModes()))) {
            return Optional.of("volumes of this class are on one node: only access modes ReadWriteOnce and"
                    + " ReadWriteOncePod can be had");
        }
        if (claim.getSpec().getDataSource() != null || claim.getSpec().getDataSourceRef() != null) {
            return Optional.of("volumes of this class begin empty: a dataSource cannot be had");
        }
        if (claim.getSpec().getSelector() != null) {
            return Optional.of("claim Selector is not supported");
        }
        return Optional.empty();
    }

    /** The volume of a claim. */
    static PersistentVolume of(PersistentVolumeClaim claim, StorageClass ofClaim, String hostname, Path folder) {
        String reclaim = OrEmpty.of(ofClaim.getReclaimPolicy());
        Quantity wanted = claim.getSpec().getResources() == null
                ? null
                : OrEmpty.of(claim.getSpec().getResources().getRequests()).get("storage");
        return new PersistentVolumeBuilder()
                .withNewMetadata()
                .withName(name(claim))
                .addToAnnotations(VolumeAnnotations.PROVISIONED_BY, LocalVolumes.PROVISIONER)
                .endMetadata()
                .withNewSpec()
                .withStorageClassName(ofClaim.getMetadata().getName())
                .withPersistentVolumeReclaimPolicy(reclaim.isEmpty() ? "Delete" : reclaim)
                .withAccessModes(claim.getSpec().getAccessModes())
                .withVolumeMode("Filesystem")
                .withCapacity(Map.of("storage", wanted == null ? new Quantity("0") : wanted))
                .withNewClaimRef()
                .withApiVersion("v1")
                .withKind("PersistentVolumeClaim")
                .withNamespace(claim.getMetadata().getNamespace())
                .withName(claim.getMetadata().getName())
                .withUid(claim.getMetadata().getUid())
                .withResourceVersion(claim.getMetadata().getResourceVersion())
                .endClaimRef()
                .withNewLocal()
                .withPath(folder.toString())
                .endLocal()
                .withNewNodeAffinity()
                .withNewRequired()
                .addNewNodeSelectorTerm()
                .addNewMatchExpression()
                .withKey(HOSTNAME)
                .withOperator("In")
                .withValues(hostname)
                .endMatchExpression()
                .endNodeSelectorTerm()
                .endRequired()
                .endNodeAffinity()
                .endSpec()
                .build();
    }

    /**
     * Whether a volume is one of this node's that was made here, and nobody has changed where it is.
     *
     * @param root where the folders of this node's volumes are
     */
    static boolean isOwn(PersistentVolume volume, String hostname, Path root) {
        if (!LocalVolumes.PROVISIONER.equals(
                        OrEmpty.of(volume.getMetadata().getAnnotations()).get(VolumeAnnotations.PROVISIONED_BY))
                || volume.getSpec().getLocal() == null
                || !root.resolve(volume.getMetadata().getName())
                        .toString()
                        .equals(volume.getSpec().getLocal().getPath())) {
            return false;
        }
        var affinity = volume.getSpec().getNodeAffinity();
        return affinity != null
                && affinity.getRequired() != null
                && OrEmpty.of(affinity.getRequired().getNodeSelectorTerms()).stream()
                        .flatMap(term -> OrEmpty.of(term.getMatchExpressions()).stream())
                        .anyMatch(expression -> HOSTNAME.equals(expression.getKey())
                                && OrEmpty.of(expression.getValues()).contains(hostname));
    }
}
