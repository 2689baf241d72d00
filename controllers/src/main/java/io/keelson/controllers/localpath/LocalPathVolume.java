package io.keelson.controllers.localpath;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.NodeSelectorTermBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.StorageClasses;
import io.keelson.controllers.objects.StorageSizes;
import io.keelson.controllers.objects.VolumeAnnotations;
import java.util.Map;

/** The objects that this provisioner makes, and how they are told from others. */
public final class LocalPathVolume {
    /** The name of the provisioner, in storage classes and annotations. */
    public static final String PROVISIONER = "keelson.io/local-path";

    /** On a volume: its directory may still be there. */
    public static final String FINALIZER = "keelson.io/local-path";

    /** On a volume: the node that has its directory. */
    public static final String NODE = "keelson.io/local-path-node";

    /** The class that is made where there is no default. */
    static final String CLASS = "standard";

    private static final String HOSTNAME = "kubernetes.io/hostname";

    private LocalPathVolume() {}

    /** Whether a volume was made by this provisioner. */
    public static boolean isOurs(PersistentVolume volume) {
        return PROVISIONER.equals(
                OrEmpty.of(volume.getMetadata().getAnnotations()).get(VolumeAnnotations.PROVISIONED_BY));
    }

    /** The name of the volume of a claim: the same however often it is made. */
    static String name(PersistentVolumeClaim claim) {
        return "pvc-" + claim.getMetadata().getUid();
    }

    /** The volume for a claim, on a node. */
    static PersistentVolume of(PersistentVolumeClaim claim, StorageClass storageClass, Node node, String directory) {
        String path = "%s/%s_%s_%s"
                .formatted(
                        directory,
                        name(claim),
                        claim.getMetadata().getNamespace(),
                        claim.getMetadata().getName());
        String policy = OrEmpty.of(storageClass.getReclaimPolicy());
        return new PersistentVolumeBuilder()
                .withNewMetadata()
                .withName(name(claim))
                .withFinalizers(FINALIZER)
                .withAnnotations(Map.of(
                        VolumeAnnotations.PROVISIONED_BY,
                        PROVISIONER,
                        NODE,
                        node.getMetadata().getName()))
                .endMetadata()
                .withNewSpec()
                .withAccessModes(claim.getSpec().getAccessModes())
                .withCapacity(Map.of(StorageSizes.STORAGE, StorageSizes.requestedQuantity(claim)))
                .withVolumeMode("Filesystem")
                .withStorageClassName(storageClass.getMetadata().getName())
                .withPersistentVolumeReclaimPolicy(policy.isEmpty() ? "Delete" : policy)
                .withNewClaimRef()
                .withApiVersion(claim.getApiVersion())
                .withKind(claim.getKind())
                .withNamespace(claim.getMetadata().getNamespace())
                .withName(claim.getMetadata().getName())
                .withUid(claim.getMetadata().getUid())
                .withResourceVersion(claim.getMetadata().getResourceVersion())
                .endClaimRef()
                .withNewHostPath(path, "DirectoryOrCreate")
                .withNewNodeAffinity()
                .withNewRequired()
                .withNodeSelectorTerms(only(node))
                .endRequired()
                .endNodeAffinity()
                .endSpec()
                .build();
    }

    private static NodeSelectorTerm only(Node node) {
        String hostname = OrEmpty.of(node.getMetadata().getLabels()).get(HOSTNAME);
        NodeSelectorTermBuilder term = new NodeSelectorTermBuilder();
        return hostname != null
                ? term.addNewMatchExpression()
                        .withKey(HOSTNAME)
                        .withOperator("In")
                        .withValues(hostname)
                        .endMatchExpression()
                        .build()
                : term.addNewMatchField()
                        .withKey("metadata.name")
                        .withOperator("In")
                        .withValues(node.getMetadata().getName())
                        .endMatchField()
                        .build();
    }

    /** The class for clusters without a default. */
    static StorageClass storageClass() {
        return new StorageClassBuilder()
                .withNewMetadata()
                .withName(CLASS)
                .addToAnnotations(StorageClasses.IS_DEFAULT, "true")
                .endMetadata()
                .withProvisioner(PROVISIONER)
                .withReclaimPolicy("Delete")
                .withVolumeBindingMode("WaitForFirstConsumer")
                .withAllowVolumeExpansion(true)
                .build();
    }
}
