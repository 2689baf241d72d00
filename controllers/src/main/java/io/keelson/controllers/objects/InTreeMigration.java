package io.keelson.controllers.objects;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The provisioners that once were part of Kubernetes, and the CSI drivers that do their work now. */
public final class InTreeMigration {
    private static final Map<String, String> DRIVERS = Map.of(
            "kubernetes.io/aws-ebs", "ebs.csi.aws.com",
            "kubernetes.io/gce-pd", "pd.csi.storage.gke.io",
            "kubernetes.io/azure-disk", "disk.csi.azure.com",
            "kubernetes.io/azure-file", "file.csi.azure.com",
            "kubernetes.io/cinder", "cinder.csi.openstack.org",
            "kubernetes.io/vsphere-volume", "csi.vsphere.vmware.com",
            "kubernetes.io/portworx-volume", "pxd.portworx.com");

    private InTreeMigration() {}

    /** The CSI driver that does the work of a provisioner; null if it is none that moved. */
    public static @Nullable String driver(@Nullable String provisioner) {
        return provisioner == null ? null : DRIVERS.get(provisioner);
    }
}
