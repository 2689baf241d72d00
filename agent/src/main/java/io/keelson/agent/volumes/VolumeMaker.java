package io.keelson.agent.volumes;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.keelson.agent.mounts.MountTable;
import io.keelson.agent.pods.ContainerImages;
import io.keelson.agent.pods.PodFolders;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.volumes.ClaimedVolumes.Claimed;
import io.keelson.agent.wire.cri.PodSandboxConfig;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/** Makes one volume, or brings it up to date, by what it is. */
final class VolumeMaker {
    private final VolumeFolders folders;
    private final EmptyDirs emptyDirs;
    private final ProjectedFiles files;
    private final ClaimedVolumes claims;
    private final NodeDisks disks;
    private final CsiVolumes csi;
    private final ContainerImages images;
    private final Time time;
    private final VolumeTimes times;

    VolumeMaker(
            VolumeFolders folders,
            EmptyDirs emptyDirs,
            ProjectedFiles files,
            ClaimedVolumes claims,
            NodeDisks disks,
            CsiVolumes csi,
            ContainerImages images,
            Time time,
            VolumeTimes times) {
        this.folders = folders;
        this.emptyDirs = emptyDirs;
        this.files = files;
        this.claims = claims;
        this.disks = disks;
        this.csi = csi;
        this.images = images;
        this.time = time;
        this.times = times;
    }

    /** Whether a volume may have to be changed while its pod runs. */
    static boolean changes(Volume volume) {
        return volume.getConfigMap() != null
                || volume.getSecret() != null
                || volume.getProjected() != null
                || volume.getDownwardAPI() != null
                || volume.getCsi() != null
                || volume.getPersistentVolumeClaim() != null
                || volume.getEphemeral() != null;
    }

    MountedVolume make(VolumeRequest request) throws VolumeException, IOException, PodProblem, InterruptedException {
        Volume volume = request.volume();
        boolean isClaim = volume.getPersistentVolumeClaim() != null || volume.getEphemeral() != null;
        Claimed claimed = isClaim ? claims.of(request.pod(), volume) : null;
        // From when it is known what there is to do.
        long begin = time.nanoTime();
        boolean made = false;
        try {
            MountedVolume mounted = claimed == null ? described(request) : persistent(request, claimed);
            made = true;
            return mounted;
        } finally {
            String plugin = claimed == null
                    ? VolumeTimes.plugin(volume)
                    : VolumeTimes.plugin(claimed.volume().getSpec());
            if (!plugin.isEmpty()) {
                times.mounted(plugin, made, time.nanoTime() - begin);
            }
        }
    }

    private MountedVolume described(VolumeRequest request)
            throws VolumeException, IOException, PodProblem, InterruptedException {
        Volume volume = request.volume();
        FileSet set = files.of(request.pod(), volume, request.owner());
        if (set != null) {
            return projected(request, set);
        }
        if (volume.getEmptyDir() != null) {
            return emptyDirs.mount(request);
        }
        if (volume.getHostPath() != null) {
            Path path = HostPaths.checked(
                    OrEmpty.of(volume.getHostPath().getPath()),
                    OrEmpty.of(volume.getHostPath().getType()));
            return MountedVolume.shared(request.name(), path, false);
        }
        if (volume.getCsi() != null) {
            return csi.ephemeral(request);
        }
        if (volume.getNfs() != null) {
            return disks.nfs(
                    request,
                    request.name(),
                    volume.getNfs().getServer(),
                    volume.getNfs().getPath(),
                    OrEmpty.of(volume.getNfs().getReadOnly()),
                    List.of());
        }
        if (volume.getImage() != null) {
            return image(request);
        }
        throw new VolumeException("no volume plugin matched");
    }

    private MountedVolume projected(VolumeRequest request, FileSet set) throws IOException {
        Volume volume = request.volume();
        Path folder = folders.volume(request.podUid(), VolumeTimes.plugin(volume), request.name());
        PodFolders.make(folder);
        // What may be secret is never on a disk.
        if (volume.getConfigMap() == null && !MountTable.isMounted(folder)) {
            EmptyDirs.memory(folder, emptyDirs.size(request.pod(), null));
        }
        try (Descriptor held = Descriptor.folder(folder)) {
            request.owner().open(held);
        }
        AtomicFiles.write(folder, set, request.owner(), time.instant());
        return MountedVolume.own(request.name(), folder, true);
    }

    private MountedVolume persistent(VolumeRequest request, Claimed claimed)
            throws VolumeException, IOException, InterruptedException {
        boolean readOnly = request.volume().getPersistentVolumeClaim() != null
                && OrEmpty.of(request.volume().getPersistentVolumeClaim().getReadOnly());
        PersistentVolume volume = claimed.volume();
        PersistentVolumeSpec spec = volume.getSpec();
        String name = volume.getMetadata().getName();
        if (OrEmpty.of(spec.getAccessModes()).contains("ReadWriteOncePod")) {
            checkAlone(request.podUid(), name);
        }
        MountedVolume made;
        if (spec.getCsi() != null) {
            made = ClaimedVolumes.isDevice(volume)
                    ? csi.device(request, claimed, readOnly, disks)
                    : csi.persistent(
                            request,
                            claimed,
                            readOnly || OrEmpty.of(spec.getCsi().getReadOnly()));
        } else if (spec.getLocal() != null) {
            made = ClaimedVolumes.isDevice(volume)
                    ? disks.device(request, volume, readOnly)
                    : disks.local(request, volume, readOnly);
        } else if (spec.getHostPath() != null) {
            Path path = HostPaths.checked(
                    OrEmpty.of(spec.getHostPath().getPath()),
                    OrEmpty.of(spec.getHostPath().getType()));
            made = MountedVolume.shared(name, path, readOnly);
        } else if (spec.getNfs() != null) {
            boolean all = readOnly || OrEmpty.of(spec.getNfs().getReadOnly());
            made = disks.nfs(
                    request,
                    name,
                    spec.getNfs().getServer(),
                    spec.getNfs().getPath(),
                    all,
                    OrEmpty.of(spec.getMountOptions()));
        } else {
            throw new VolumeException("no volume plugin matched for persistent volume " + name);
        }
        return made.persistent(made.inUse(), ClaimedVolumes.groups(volume));
    }

    private void checkAlone(String podUid, String volume) throws VolumeException {
        for (String other : folders.podsWithVolumes()) {
            for (String plugin : List.of(CsiVolumes.PLUGIN, NodeDisks.LOCAL, NodeDisks.NFS)) {
                if (!other.equals(podUid)
                        && (Files.exists(folders.volume(other, plugin, volume), LinkOption.NOFOLLOW_LINKS)
                                || Files.exists(folders.device(other, plugin, volume), LinkOption.NOFOLLOW_LINKS))) {
                    throw new VolumeException(
                            "volume uses the ReadWriteOncePod access mode and is already in use by another pod");
                }
            }
        }
    }

    private MountedVolume image(VolumeRequest request) throws PodProblem, InterruptedException {
        String reference = OrEmpty.of(request.volume().getImage().getReference());
        Container asContainer = new ContainerBuilder()
                .withName(request.name())
                .withImage(reference)
                .withImagePullPolicy(request.volume().getImage().getPullPolicy())
                .build();
        ContainerImages.Image image = images.ensure(request.pod(), asContainer, PodSandboxConfig.getDefaultInstance());
        return MountedVolume.image(request.name(), image.reference());
    }
}
