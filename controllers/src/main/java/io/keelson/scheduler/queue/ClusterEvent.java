package io.keelson.scheduler.queue;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.keelson.controllers.runtime.Change;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened in the cluster and that pods may have waited for. It is told after the state of the cluster has it.
 *
 * @param node where; null if it is not known, or if it is about none
 * @param pod whom it is about, as it was last; null if it is about none
 * @param change of what else; null if it is about nothing else
 */
public record ClusterEvent(
        Kind kind,
        @Nullable NodeState node,
        @Nullable PodInfo pod,
        @Nullable Change<? extends HasMetadata> change) {

    /** What can happen. */
    public enum Kind {
        /** There is another node. */
        NODE_ADDED,
        /** A node is gone. */
        NODE_DELETED,
        /** A node has more or less to give. */
        NODE_ALLOCATABLE,
        /** A node has other labels. */
        NODE_LABELS,
        /** A node has other taints, or is cordoned or not any more. */
        NODE_TAINTS,
        /** A node declares other features. */
        NODE_FEATURES,
        /** A pod is on a node. */
        POD_ASSIGNED,
        /** A pod is on its node no more: it is deleted, it has ended, or its binding failed. */
        POD_LEFT,
        /** A pod on a node has other labels or requests, or somebody has asked for its deletion. */
        POD_CHANGED,
        /** A namespace has other labels. */
        NAMESPACE_LABELS,
        /** A pod that is on no node yet is new, or another. */
        POD_PENDING,
        /** A claim of a volume is new, another or gone. */
        VOLUME_CLAIM,
        /** A volume is new, another or gone. */
        VOLUME,
        /** A class of volumes is new, another or gone. */
        STORAGE_CLASS,
        /** A node's drivers of volumes, and how many it can attach. */
        CSI_NODE,
        /** A driver of volumes is new, another or gone. */
        CSI_DRIVER,
        /** How much room there is for volumes somewhere. */
        STORAGE_CAPACITY,
        /** An attachment of a volume is new, another or gone. */
        VOLUME_ATTACHMENT,
        /** A claim of devices is new, another or gone. */
        RESOURCE_CLAIM,
        /** Devices of a node are new, others or gone. */
        RESOURCE_SLICE,
        /** A class of devices is new, another or gone. */
        DEVICE_CLASS,
        /** A rule that taints devices is new, another or gone. */
        DEVICE_TAINT_RULE,
        /** A group of pods is new, another or gone. */
        POD_GROUP,
        /** A workload, which says how groups of pods are scheduled, is new, another or gone. */
        WORKLOAD
    }

    /** Of a node. */
    public static ClusterEvent of(Kind kind, NodeState node) {
        return new ClusterEvent(kind, node, null, null);
    }

    /** Of a pod on a node. */
    public static ClusterEvent of(Kind kind, PodInfo pod, @Nullable NodeState node) {
        return new ClusterEvent(kind, node, pod, null);
    }

    /** Of another object of the API. */
    public static ClusterEvent of(Kind kind, Change<? extends HasMetadata> change) {
        return new ClusterEvent(kind, null, null, change);
    }

    /** What kube-scheduler calls it where it counts whom it brought; {@code scheduler_queue_incoming_pods_total}. */
    public String label() {
        return switch (kind) {
            case NODE_ADDED -> "NodeAdd";
            case NODE_DELETED -> "NodeDelete";
            case NODE_ALLOCATABLE -> "NodeUpdateNodeAllocatable";
            case NODE_LABELS -> "NodeUpdateNodeLabel";
            case NODE_TAINTS -> "NodeUpdateNodeTaint";
            case NODE_FEATURES -> "NodeUpdateNodeDeclaredFeature";
            case POD_ASSIGNED -> "AssignedPodAdd";
            case POD_LEFT -> "AssignedPodDelete";
            case POD_CHANGED -> "AssignedPodUpdate";
            case POD_PENDING -> "UnschedulablePodUpdate";
            case NAMESPACE_LABELS -> "NamespaceUpdate";
            case VOLUME_CLAIM -> "PersistentVolumeClaim" + verb();
            case VOLUME -> "PersistentVolume" + verb();
            case STORAGE_CLASS -> "StorageClass" + verb();
            case CSI_NODE -> "CSINode" + verb();
            case CSI_DRIVER -> "CSIDriver" + verb();
            case STORAGE_CAPACITY -> "CSIStorageCapacity" + verb();
            case VOLUME_ATTACHMENT -> "VolumeAttachment" + verb();
            case RESOURCE_CLAIM -> "ResourceClaim" + verb();
            case RESOURCE_SLICE -> "ResourceSlice" + verb();
            case DEVICE_CLASS -> "DeviceClass" + verb();
            case DEVICE_TAINT_RULE -> "DeviceTaintRule" + verb();
            case POD_GROUP -> "PodGroup" + verb();
            case WORKLOAD -> "Workload" + verb();
        };
    }

    private String verb() {
        return change == null || (!change.added() && !change.deleted()) ? "Update" : change.added() ? "Add" : "Delete";
    }
}
