package io.keelson.scheduler.volumes;

import io.fabric8.kubernetes.api.model.GCEPersistentDiskVolumeSource;
import io.fabric8.kubernetes.api.model.ISCSIVolumeSource;
import io.fabric8.kubernetes.api.model.RBDVolumeSource;
import io.fabric8.kubernetes.api.model.Volume;
import io.keelson.controllers.objects.OrEmpty;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/** Which disks that pods name themselves cannot be on one node twice. */
final class DiskConflicts {
    private DiskConflicts() {}

    /** Whether a volume can be in conflict with any. */
    static boolean isExclusive(Volume volume) {
        return volume.getGcePersistentDisk() != null
                || volume.getAwsElasticBlockStore() != null
                || volume.getIscsi() != null
                || volume.getRbd() != null;
    }

    /** Whether two volumes are one disk, and not both only read it. An EBS disk is never there twice. */
    static boolean areInConflict(Volume one, Volume other) {
        if (one.getGcePersistentDisk() != null && other.getGcePersistentDisk() != null) {
            GCEPersistentDiskVolumeSource first = one.getGcePersistentDisk();
            GCEPersistentDiskVolumeSource second = other.getGcePersistentDisk();
            if (Objects.equals(first.getPdName(), second.getPdName())
                    && !(OrEmpty.of(first.getReadOnly()) && OrEmpty.of(second.getReadOnly()))) {
                return true;
            }
        }
        if (one.getAwsElasticBlockStore() != null
                && other.getAwsElasticBlockStore() != null
                && Objects.equals(
                        one.getAwsElasticBlockStore().getVolumeID(),
                        other.getAwsElasticBlockStore().getVolumeID())) {
            return true;
        }
        if (one.getIscsi() != null && other.getIscsi() != null) {
            ISCSIVolumeSource first = one.getIscsi();
            ISCSIVolumeSource second = other.getIscsi();
            if (Objects.equals(first.getIqn(), second.getIqn())
                    && !(OrEmpty.of(first.getReadOnly()) && OrEmpty.of(second.getReadOnly()))) {
                return true;
            }
        }
        return one.getRbd() != null && other.getRbd() != null && areInConflict(one.getRbd(), other.getRbd());
    }

    private static boolean areInConflict(RBDVolumeSource one, RBDVolumeSource other) {
        List<String> monitors = OrEmpty.of(one.getMonitors());
        return !Collections.disjoint(monitors, OrEmpty.of(other.getMonitors()))
                && OrEmpty.of(one.getPool()).equals(OrEmpty.of(other.getPool()))
                && OrEmpty.of(one.getImage()).equals(OrEmpty.of(other.getImage()))
                && !(OrEmpty.of(one.getReadOnly()) && OrEmpty.of(other.getReadOnly()));
    }
}
