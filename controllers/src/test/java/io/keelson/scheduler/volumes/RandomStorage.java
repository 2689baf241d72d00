package io.keelson.scheduler.volumes;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.TopologySelectorTermBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeNodeAffinity;
import io.fabric8.kubernetes.api.model.VolumeNodeAffinityBuilder;
import io.fabric8.kubernetes.api.model.storage.CSIDriver;
import io.fabric8.kubernetes.api.model.storage.CSIDriverBuilder;
import io.fabric8.kubernetes.api.model.storage.CSINode;
import io.fabric8.kubernetes.api.model.storage.CSINodeBuilder;
import io.fabric8.kubernetes.api.model.storage.CSIStorageCapacity;
import io.fabric8.kubernetes.api.model.storage.CSIStorageCapacityBuilder;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachmentBuilder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Objects of few names and many shapes, so that they concern each other often. */
final class RandomStorage {
    static final String HOSTNAME = "kubernetes.io/hostname";
    static final String ZONE = "topology.kubernetes.io/zone";
    static final String OLD_ZONE = "failure-domain.beta.kubernetes.io/zone";

    private final Random random;
    private long version;

    RandomStorage(long seed) {
        random = new Random(seed);
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    boolean oneIn(int count) {
        return random.nextInt(count) == 0;
    }

    @SafeVarargs
    final <T> T any(T... values) {
        return values[random.nextInt(values.length)];
    }

    private ObjectMeta metadata(@Nullable String namespace, String name) {
        return new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName(name)
                .withUid("uid-" + name)
                .withResourceVersion(String.valueOf(++version))
                .build();
    }

    Node node(String name) {
        Map<String, String> labels = new HashMap<>();
        if (!oneIn(6)) {
            labels.put(HOSTNAME, name);
        }
        if (!oneIn(4)) {
            labels.put(oneIn(4) ? OLD_ZONE : ZONE, any("east", "west"));
        }
        return new NodeBuilder()
                .withMetadata(new ObjectMetaBuilder(metadata(null, name))
                        .withLabels(labels)
                        .build())
                .build();
    }

    StorageClass storageClass(String name) {
        StorageClassBuilder built = new StorageClassBuilder()
                .withMetadata(metadata(null, name))
                .withVolumeBindingMode(oneIn(5) ? "Immediate" : "WaitForFirstConsumer")
                .withProvisioner(any("csi.a", "csi.b", "kubernetes.io/no-provisioner", "kubernetes.io/aws-ebs"));
        if (oneIn(3)) {
            built.withAllowedTopologies(new TopologySelectorTermBuilder()
                    .addNewMatchLabelExpression()
                    .withKey(any(ZONE, HOSTNAME))
                    .withValues(any("east", "node0", "node1"), any("west", "node2"))
                    .endMatchLabelExpression()
                    .build());
        }
        return built.build();
    }

    PersistentVolumeClaim claim(String namespace, String name) {
        PersistentVolumeClaimBuilder built = new PersistentVolumeClaimBuilder()
                .withMetadata(metadata(namespace, name))
                .withNewSpec()
                .withAccessModes(any("ReadWriteOnce", "ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany"))
                .withStorageClassName(any("x", "x", "y", ""))
                .withNewResources()
                .withRequests(oneIn(12) ? Map.of() : Map.of("storage", new Quantity(any("1Gi", "2Gi", "3Gi"))))
                .endResources()
                .endSpec()
                .withNewStatus()
                .withPhase(oneIn(20) ? "Lost" : "Pending")
                .endStatus();
        if (name.startsWith("pod")) {
            built.editMetadata()
                    .withOwnerReferences(new OwnerReferenceBuilder()
                            .withKind("Pod")
                            .withName(name)
                            .withUid(oneIn(5) ? "another" : "uid-" + name.substring(0, 4))
                            .withController(true)
                            .build())
                    .endMetadata();
        }
        if (oneIn(20)) {
            built.editMetadata().withDeletionTimestamp("2026-01-01T00:00:00Z").endMetadata();
        }
        switch (below(6)) {
            case 0, 1 ->
                built.editMetadata()
                        .addToAnnotations("pv.kubernetes.io/bind-completed", "yes")
                        .endMetadata()
                        .editSpec()
                        .withVolumeName("volume" + below(6))
                        .endSpec();
            case 2 ->
                built.editMetadata()
                        .addToAnnotations("volume.kubernetes.io/selected-node", "node" + below(4))
                        .endMetadata();
            case 3 -> {
                if (oneIn(3)) {
                    built.editSpec().withVolumeName("volume" + below(6)).endSpec();
                }
            }
            default -> {
                if (oneIn(5)) {
                    built.editSpec()
                            .withNewSelector()
                            .addToMatchLabels("tier", "fast")
                            .endSelector()
                            .endSpec();
                }
            }
        }
        return built.build();
    }

    PersistentVolume volume(String name) {
        Map<String, String> labels = new HashMap<>();
        if (oneIn(3)) {
            labels.put(any(ZONE, OLD_ZONE), any("east", "west", "east__west", "", "a__"));
        }
        if (oneIn(3)) {
            labels.put("tier", "fast");
        }
        PersistentVolumeBuilder built = new PersistentVolumeBuilder()
                .withMetadata(new ObjectMetaBuilder(metadata(null, name))
                        .withLabels(labels)
                        .build())
                .withNewSpec()
                .withAccessModes(
                        oneIn(2)
                                ? List.of("ReadWriteOnce", "ReadWriteOncePod")
                                : List.of("ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany"))
                .withCapacity(Map.of("storage", new Quantity(any("1Gi", "2Gi", "4Gi"))))
                .withStorageClassName(any("x", "x", "y", ""))
                .withVolumeMode(oneIn(10) ? "Block" : null)
                .withNodeAffinity(oneIn(3) ? null : affinity())
                .endSpec()
                .withNewStatus()
                .withPhase(oneIn(8) ? "Pending" : "Available")
                .endStatus();
        switch (below(6)) {
            case 0, 1, 2 ->
                built.editSpec()
                        .withNewCsi()
                        .withDriver(any("csi.a", "csi.b"))
                        .withVolumeHandle("handle" + below(4))
                        .endCsi()
                        .endSpec();
            case 3 ->
                built.editSpec()
                        .withNewAwsElasticBlockStore()
                        .withVolumeID(any("aws://east/vol-1", "vol-1", "vol-2"))
                        .endAwsElasticBlockStore()
                        .endSpec();
            default -> built.editSpec().withNewHostPath("/data", null).endSpec();
        }
        if (oneIn(5)) {
            String claim = "claim" + below(5);
            built.editSpec()
                    .withNewClaimRef()
                    .withNamespace("one")
                    .withName(claim)
                    .withUid(oneIn(2) ? null : any("uid-" + claim, "former"))
                    .endClaimRef()
                    .endSpec();
        }
        return built.build();
    }

    private VolumeNodeAffinity affinity() {
        VolumeNodeAffinityBuilder built =
                new VolumeNodeAffinityBuilder().withNewRequired().endRequired();
        for (int i = below(2); i >= 0; i--) {
            String key = any(HOSTNAME, HOSTNAME, ZONE);
            built.editRequired()
                    .addNewNodeSelectorTerm()
                    .addNewMatchExpression()
                    .withKey(key)
                    .withOperator(oneIn(6) ? "NotIn" : "In")
                    .withValues(key.equals(ZONE) ? any("east", "west") : "node" + below(4))
                    .endMatchExpression()
                    .endNodeSelectorTerm()
                    .endRequired();
        }
        return built.build();
    }

    CSINode csiNode(String name) {
        CSINodeBuilder built = new CSINodeBuilder()
                .withMetadata(metadata(null, name))
                .withNewSpec()
                .endSpec();
        for (String driver : List.of("csi.a", "csi.b", "ebs.csi.aws.com")) {
            if (oneIn(2)) {
                built.editSpec()
                        .addNewDriver()
                        .withName(driver)
                        .withNodeID(name)
                        .withNewAllocatable(oneIn(5) ? null : 1 + below(2))
                        .endDriver()
                        .endSpec();
            }
        }
        if (oneIn(2)) {
            built.editMetadata()
                    .addToAnnotations(
                            "storage.alpha.kubernetes.io/migrated-plugins",
                            any("kubernetes.io/aws-ebs", "kubernetes.io/cinder,kubernetes.io/aws-ebs", "other"))
                    .endMetadata();
        }
        return built.build();
    }

    CSIDriver driver(String name) {
        return new CSIDriverBuilder()
                .withMetadata(metadata(null, name))
                .withNewSpec()
                .withStorageCapacity(any(true, true, false))
                .endSpec()
                .build();
    }

    CSIStorageCapacity capacity(String name) {
        LabelSelector everywhere = new LabelSelector();
        LabelSelector east =
                new LabelSelectorBuilder().addToMatchLabels(ZONE, "east").build();
        return new CSIStorageCapacityBuilder()
                .withMetadata(metadata("drivers", name))
                .withStorageClassName(any("x", "y"))
                .withCapacity(oneIn(6) ? null : new Quantity(any("0", "1Gi", "2Gi", "10Gi")))
                .withMaximumVolumeSize(oneIn(3) ? new Quantity(any("1Gi", "5Gi")) : null)
                .withNodeTopology(oneIn(5) ? null : any(everywhere, east))
                .build();
    }

    VolumeAttachment attachment(String name) {
        return new VolumeAttachmentBuilder()
                .withMetadata(metadata(null, name))
                .withNewSpec()
                .withAttacher("csi.a")
                .withNodeName("node" + below(4))
                .withNewSource()
                .withPersistentVolumeName("volume" + below(6))
                .endSource()
                .endSpec()
                .build();
    }

    Pod pod(String name) {
        List<Volume> volumes = new ArrayList<>();
        for (int i = below(4); i > 0; i--) {
            volumes.add(podVolume("v" + i));
        }
        return new PodBuilder()
                .withMetadata(metadata("one", name))
                .withNewSpec()
                .withVolumes(volumes)
                .endSpec()
                .build();
    }

    private Volume podVolume(String name) {
        VolumeBuilder built = new VolumeBuilder().withName(name);
        switch (below(12)) {
            case 0 ->
                built.withNewGcePersistentDisk()
                        .withPdName(any("a", "b"))
                        .withReadOnly(any(true, false))
                        .endGcePersistentDisk();
            case 1 ->
                built.withNewAwsElasticBlockStore()
                        .withVolumeID(any("vol-1", "vol-2"))
                        .endAwsElasticBlockStore();
            case 2 ->
                built.withNewIscsi()
                        .withIqn(any("a", "b"))
                        .withReadOnly(any(true, false))
                        .endIscsi();
            case 3 ->
                built.withNewRbd()
                        .withMonitors(any("m1", "m2"), "m" + below(4))
                        .withImage(any("a", "b"))
                        .withPool("rbd")
                        .withReadOnly(any(true, false))
                        .endRbd();
            case 4 -> built.withNewEphemeral().endEphemeral();
            case 5 -> built.withNewEmptyDir().endEmptyDir();
            default -> built.withNewPersistentVolumeClaim("claim" + below(5), null);
        }
        return built.build();
    }
}
