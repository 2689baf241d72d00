package io.keelson.controllers.objects;

/** What those who bind, provision and expand volumes tell each other by annotations. */
public final class VolumeAnnotations {
    /** On a claim: its binding was completed once, so that a volume that is missing now is lost. */
    public static final String BIND_COMPLETED = "pv.kubernetes.io/bind-completed";

    /** On a claim or a volume: the controller, not a user, chose the other side. */
    public static final String BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller";

    /** On a volume: the provisioner that made it and deletes it. */
    public static final String PROVISIONED_BY = "pv.kubernetes.io/provisioned-by";

    /** On a claim or a volume of an in-tree provisioner: the CSI driver that does its work. */
    public static final String MIGRATED_TO = "pv.kubernetes.io/migrated-to";

    /** On a claim: the provisioner that is to make a volume. */
    public static final String STORAGE_PROVISIONER = "volume.kubernetes.io/storage-provisioner";

    /** As {@link #STORAGE_PROVISIONER}, for provisioners of former times. */
    public static final String BETA_STORAGE_PROVISIONER = "volume.beta.kubernetes.io/storage-provisioner";

    /** On a claim that waits for its first consumer: the node that the scheduler chose. */
    public static final String SELECTED_NODE = "volume.kubernetes.io/selected-node";

    /** On a claim: who expands its volume. */
    public static final String STORAGE_RESIZER = "volume.kubernetes.io/storage-resizer";

    private VolumeAnnotations() {}
}
