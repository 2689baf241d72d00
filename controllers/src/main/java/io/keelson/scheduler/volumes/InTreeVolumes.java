package io.keelson.scheduler.volumes;

import io.fabric8.kubernetes.api.model.AzureFilePersistentVolumeSource;
import io.fabric8.kubernetes.api.model.AzureFileVolumeSource;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.keelson.controllers.objects.OrEmpty;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Volumes of the plugins that once were part of Kubernetes, as the CSI drivers that attach them now name them. */
final class InTreeVolumes {
    private static final String EBS = "kubernetes.io/aws-ebs";
    private static final String GCE = "kubernetes.io/gce-pd";
    private static final String AZURE_DISK = "kubernetes.io/azure-disk";
    private static final String AZURE_FILE = "kubernetes.io/azure-file";
    private static final String CINDER = "kubernetes.io/cinder";
    private static final String VSPHERE = "kubernetes.io/vsphere-volume";
    private static final String PORTWORX = "kubernetes.io/portworx-volume";
    private static final String UNSPECIFIED = "UNSPECIFIED";

    private InTreeVolumes() {}

    /**
     * A volume of a plugin.
     *
     * @param handle by which the driver knows it
     */
    record InTreeVolume(String plugin, String handle) {}

    /** A volume; null if it is of none of the plugins. */
    static @Nullable InTreeVolume of(PersistentVolume volume) {
        PersistentVolumeSpec spec = volume.getSpec();
        if (spec.getAwsElasticBlockStore() != null) {
            return ebs(spec.getAwsElasticBlockStore().getVolumeID());
        }
        if (spec.getGcePersistentDisk() != null) {
            return gce(
                    OrEmpty.of(volume.getMetadata().getLabels()),
                    spec.getGcePersistentDisk().getPdName());
        }
        if (spec.getAzureDisk() != null) {
            return volume(AZURE_DISK, spec.getAzureDisk().getDiskURI());
        }
        if (spec.getAzureFile() != null) {
            AzureFilePersistentVolumeSource file = spec.getAzureFile();
            return volume(AZURE_FILE, "#" + file.getSecretName() + '#' + file.getShareName());
        }
        if (spec.getCinder() != null) {
            return volume(CINDER, spec.getCinder().getVolumeID());
        }
        if (spec.getVsphereVolume() != null) {
            return volume(VSPHERE, spec.getVsphereVolume().getVolumePath());
        }
        return spec.getPortworxVolume() == null
                ? null
                : volume(PORTWORX, spec.getPortworxVolume().getVolumeID());
    }

    /** A volume that a pod names itself; null if it is of none of the plugins. */
    static @Nullable InTreeVolume of(Volume volume) {
        if (volume.getAwsElasticBlockStore() != null) {
            return ebs(volume.getAwsElasticBlockStore().getVolumeID());
        }
        if (volume.getGcePersistentDisk() != null) {
            return gce(Map.of(), volume.getGcePersistentDisk().getPdName());
        }
        if (volume.getAzureDisk() != null) {
            return volume(AZURE_DISK, volume.getAzureDisk().getDiskURI());
        }
        if (volume.getAzureFile() != null) {
            AzureFileVolumeSource file = volume.getAzureFile();
            return volume(AZURE_FILE, "#" + file.getSecretName() + '#' + file.getShareName());
        }
        if (volume.getCinder() != null) {
            return volume(CINDER, volume.getCinder().getVolumeID());
        }
        if (volume.getVsphereVolume() != null) {
            return volume(VSPHERE, volume.getVsphereVolume().getVolumePath());
        }
        return volume.getPortworxVolume() == null
                ? null
                : volume(PORTWORX, volume.getPortworxVolume().getVolumeID());
    }

    private static InTreeVolume volume(String plugin, @Nullable String handle) {
        return new InTreeVolume(plugin, OrEmpty.of(handle));
    }

    /** {@code aws://us-east-1a/vol-1} is {@code vol-1}. */
    private static InTreeVolume ebs(@Nullable String id) {
        String name = OrEmpty.of(id);
        return volume(EBS, name.substring(name.lastIndexOf('/') + 1));
    }

    /** Disks of one zone are named by it, those of several by their region. */
    private static InTreeVolume gce(Map<String, String> labels, @Nullable String disk) {
        String zone = label(labels, "zone");
        String place = zone.contains("__")
                ? "regions/" + label(labels, "region")
                : "zones/" + (zone.isEmpty() ? UNSPECIFIED : zone);
        return volume(GCE, "projects/" + UNSPECIFIED + '/' + place + "/disks/" + disk);
    }

    private static String label(Map<String, String> labels, String what) {
        return OrEmpty.of(labels.getOrDefault(
                "topology.kubernetes.io/" + what, labels.get("failure-domain.beta.kubernetes.io/" + what)));
    }
}
