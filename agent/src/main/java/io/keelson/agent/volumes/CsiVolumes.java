package io.keelson.agent.volumes;

import io.fabric8.kubernetes.api.model.CSIPersistentVolumeSource;
import io.fabric8.kubernetes.api.model.CSIVolumeSource;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.storage.CSIDriverSpec;
import io.keelson.agent.mounts.MountTable;
import io.keelson.agent.pods.PodFolders;
import io.keelson.agent.volumes.ClaimedVolumes.Claimed;
import io.keelson.agent.volumes.csi.CsiDriver;
import io.keelson.agent.volumes.csi.CsiDrivers;
import io.keelson.agent.wire.csi.NodeExpandVolumeRequest;
import io.keelson.agent.wire.csi.NodePublishVolumeRequest;
import io.keelson.agent.wire.csi.NodeServiceCapability;
import io.keelson.agent.wire.csi.NodeStageVolumeRequest;
import io.keelson.agent.wire.csi.VolumeCapability;
import io.keelson.controllers.objects.OrEmpty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Volumes of storage plugins. A persistent one is staged once for the node, if the plugin wants that, and published
 * for each pod. What is asked is noted before, so that {@link CsiReturns} gives it back whenever the agent ended. Work
 * on one volume is done by one thread at a time.
 */
final class CsiVolumes {
    static final String PLUGIN = "csi";

    private final VolumeFolders folders;
    private final CsiDrivers drivers;
    private final CsiParameters parameters;
    private final CsiReturns returns;
    private final CsiExpansion expansion;

    CsiVolumes(
            VolumeFolders folders,
            CsiDrivers drivers,
            CsiParameters parameters,
            CsiReturns returns,
            CsiExpansion expansion) {
        this.folders = folders;
        this.drivers = drivers;
        this.parameters = parameters;
        this.returns = returns;
        this.expansion = expansion;
    }

    /** A volume that lives as long as its pod. */
    MountedVolume ephemeral(VolumeRequest request) throws VolumeException, IOException, InterruptedException {
        CSIVolumeSource source = request.volume().getCsi();
        CSIDriverSpec settings = parameters.settings(source.getDriver());
        if (!OrEmpty.of(settings.getVolumeLifecycleModes()).contains("Ephemeral")) {
            throw new VolumeException("volume mode \"Ephemeral\" not supported by driver " + source.getDriver()
                    + " (only supports " + OrEmpty.of(settings.getVolumeLifecycleModes()) + ')');
        }
        CsiNote note = new CsiNote(
                request.name(),
                CsiNames.ephemeralHandle(request.podUid(), request.name()),
                source.getDriver(),
                "Ephemeral",
                parameters.node());
        boolean readOnly = OrEmpty.of(source.getReadOnly());
        Path folder = folders.volume(request.podUid(), PLUGIN, request.name());
        Path target = folder.resolve(CsiReturns.MOUNT);
        CsiDriver driver = drivers.get(note.driver());
        if (!MountTable.isMounted(target) || OrEmpty.of(settings.getRequiresRepublish())) {
            PodFolders.make(folder);
            note.write(folder);
            Map<String, String> secrets = source.getNodePublishSecretRef() == null
                    ? Map.of()
                    : parameters.secret(
                            request.pod().getMetadata().getNamespace(),
                            source.getNodePublishSecretRef().getName());
            driver.publish(parameters
                    .addPod(
                            NodePublishVolumeRequest.newBuilder()
                                    .setVolumeId(note.handle())
                                    .setTargetPath(target.toString())
                                    .setReadonly(readOnly)
                                    .setVolumeCapability(capability(
                                            driver,
                                            request,
                                            OrEmpty.of(source.getFsType()),
                                            List.of(),
                                            "ReadWriteOnce"))
                                    .putAllVolumeContext(OrEmpty.of(source.getVolumeAttributes()))
                                    .putAllSecrets(secrets),
                            request.pod(),
                            settings,
                            true)
                    .build());
            own(driver, request, target, settings, OrEmpty.of(source.getFsType()), List.of("ReadWriteOnce"), readOnly);
        }
        return MountedVolume.shared(request.name(), target, readOnly).of(CsiUsage.Place.of(note, target));
    }

    /** A volume that stays, with files. */
    MountedVolume persistent(VolumeRequest request, Claimed claimed, boolean readOnly)
            throws VolumeException, IOException, InterruptedException {
        PersistentVolume volume = claimed.volume();
        CSIPersistentVolumeSource source = volume.getSpec().getCsi();
        String name = volume.getMetadata().getName();
        CsiNote note = note(volume);
        CSIDriverSpec settings = parameters.settings(note.driver());
        Path folder = folders.volume(request.podUid(), PLUGIN, name);
        Path target = folder.resolve(CsiReturns.MOUNT);
        MountedVolume mounted = MountedVolume.shared(name, target, readOnly)
                .persistent(CsiNames.inUse(note), List.of())
                .of(CsiUsage.Place.of(note, target));
        ReentrantLock lock = returns.lock(note.handle());
        lock.lockInterruptibly();
        try {
            boolean isThere = MountTable.isMounted(target) && !OrEmpty.of(settings.getRequiresRepublish());
            boolean isToGrow = !readOnly && CsiExpansion.isDue(claimed);
            if (isThere && !isToGrow) {
                return mounted;
            }
            CsiDriver driver = drivers.get(note.driver());
            List<String> modes = OrEmpty.of(volume.getSpec().getAccessModes());
            VolumeCapability capability = capability(
                    driver,
                    request,
                    OrEmpty.of(source.getFsType()),
                    OrEmpty.of(volume.getSpec().getMountOptions()),
                    modes.isEmpty() ? "ReadWriteOnce" : modes.getFirst());
            Path noted = CsiNames.staging(folders, note);
            Path staging = noted.resolve("globalmount");
            if (!isThere) {
                Map<String, String> context = parameters.publishContext(note, settings);
                PodFolders.make(folder);
                note.write(folder);
                String staged = stage(driver, note, staging, capability, context, source, noted);
                driver.publish(parameters
                        .addPod(
                                publish(note, target, staged, capability, context, source, readOnly),
                                request.pod(),
                                settings,
                                false)
                        .build());
                own(driver, request, target, settings, OrEmpty.of(source.getFsType()), modes, readOnly);
            }
            if (isToGrow) {
                expand(request, claimed, driver, note, target, staging, capability);
            }
        } finally {
            lock.unlock();
        }
        return mounted;
    }

    /** A volume that stays, as a device. */
    MountedVolume device(VolumeRequest request, Claimed claimed, boolean readOnly, NodeDisks disks)
            throws VolumeException, IOException, InterruptedException {
        PersistentVolume volume = claimed.volume();
        CSIPersistentVolumeSource source = volume.getSpec().getCsi();
        String name = volume.getMetadata().getName();
        CsiNote note = note(volume);
        CSIDriverSpec settings = parameters.settings(note.driver());
        ReentrantLock lock = returns.lock(note.handle());
        lock.lockInterruptibly();
        try {
            Path published = CsiNames.devicePublished(folders, name).resolve(VolumeFolders.checked(request.podUid()));
            // A file is what a plugin that was cut off has left.
            boolean isThere = Files.exists(published)
                    && !Files.isRegularFile(published)
                    && !OrEmpty.of(settings.getRequiresRepublish());
            boolean isToGrow = !readOnly && CsiExpansion.isDue(claimed);
            Path data = CsiNames.deviceData(folders, name);
            PodFolders.make(data);
            note.write(data);
            VolumeFolders.makeFor(published);
            // The pod's link says that the volume is used, before it is.
            MountedVolume device = disks.link(request, PLUGIN, name, published, readOnly)
                    .persistent(CsiNames.inUse(note), List.of())
                    .of(CsiUsage.Place.of(note, published));
            if (isThere && !isToGrow) {
                return device;
            }
            CsiDriver driver = drivers.get(note.driver());
            List<String> modes = OrEmpty.of(volume.getSpec().getAccessModes());
            VolumeCapability capability = VolumeCapability.newBuilder()
                    .setBlock(VolumeCapability.BlockVolume.getDefaultInstance())
                    .setAccessMode(driver.accessMode(modes.isEmpty() ? "ReadWriteOnce" : modes.getFirst()))
                    .build();
            Path staging = CsiNames.deviceStaging(folders, name);
            if (!isThere) {
                Map<String, String> context = parameters.publishContext(note, settings);
                String staged = stage(driver, note, staging, capability, context, source, data);
                driver.publish(parameters
                        .addPod(
                                publish(note, published, staged, capability, context, source, readOnly),
                                request.pod(),
                                settings,
                                false)
                        .build());
            }
            if (isToGrow) {
                expand(request, claimed, driver, note, published, staging, capability);
            }
            return device;
        } finally {
            lock.unlock();
        }
    }

    private void expand(
            VolumeRequest request,
            Claimed claimed,
            CsiDriver driver,
            CsiNote note,
            Path published,
            Path staging,
            VolumeCapability capability)
            throws VolumeException, InterruptedException {
        boolean isStaged = driver.can(NodeServiceCapability.RPC.Type.STAGE_UNSTAGE_VOLUME);
        expansion.expand(
                request.pod(),
                claimed,
                driver,
                NodeExpandVolumeRequest.newBuilder()
                        .setVolumeId(note.handle())
                        .setVolumePath(published.toString())
                        .setStagingTargetPath(isStaged ? staging.toString() : "")
                        .setVolumeCapability(capability));
    }

    private CsiNote note(PersistentVolume volume) {
        CSIPersistentVolumeSource source = volume.getSpec().getCsi();
        return new CsiNote(
                volume.getMetadata().getName(),
                source.getVolumeHandle(),
                source.getDriver(),
                "Persistent",
                parameters.node());
    }

    /** The folder in which it is staged; empty if the plugin does not stage. */
    private String stage(
            CsiDriver driver,
            CsiNote note,
            Path staging,
            VolumeCapability capability,
            Map<String, String> context,
            CSIPersistentVolumeSource source,
            Path noted)
            throws VolumeException, IOException, InterruptedException {
        if (!driver.can(NodeServiceCapability.RPC.Type.STAGE_UNSTAGE_VOLUME)) {
            return "";
        }
        PodFolders.make(noted);
        note.write(noted);
        PodFolders.make(staging);
        driver.stage(NodeStageVolumeRequest.newBuilder()
                .setVolumeId(note.handle())
                .setStagingTargetPath(staging.toString())
                .setVolumeCapability(capability)
                .putAllPublishContext(context)
                .putAllVolumeContext(OrEmpty.of(source.getVolumeAttributes()))
                .putAllSecrets(parameters.secret(source.getNodeStageSecretRef()))
                .build());
        return staging.toString();
    }

    private NodePublishVolumeRequest.Builder publish(
            CsiNote note,
            Path target,
            String staged,
            VolumeCapability capability,
            Map<String, String> context,
            CSIPersistentVolumeSource source,
            boolean readOnly)
            throws VolumeException {
        return NodePublishVolumeRequest.newBuilder()
                .setVolumeId(note.handle())
                .setTargetPath(target.toString())
                .setStagingTargetPath(staged)
                .setReadonly(readOnly || OrEmpty.of(source.getReadOnly()))
                .setVolumeCapability(capability)
                .putAllPublishContext(context)
                .putAllVolumeContext(OrEmpty.of(source.getVolumeAttributes()))
                .putAllSecrets(parameters.secret(source.getNodePublishSecretRef()));
    }

    private static VolumeCapability capability(
            CsiDriver driver, VolumeRequest request, String fsType, List<String> options, String accessMode)
            throws VolumeException, InterruptedException {
        VolumeCapability.MountVolume.Builder mount =
                VolumeCapability.MountVolume.newBuilder().setFsType(fsType).addAllMountFlags(options);
        if (request.owner().group() >= 0 && driver.can(NodeServiceCapability.RPC.Type.VOLUME_MOUNT_GROUP)) {
            mount.setVolumeMountGroup(Long.toString(request.owner().group()));
        }
        return VolumeCapability.newBuilder()
                .setMount(mount)
                .setAccessMode(driver.accessMode(accessMode))
                .build();
    }

    private static void own(
            CsiDriver driver,
            VolumeRequest request,
            Path target,
            CSIDriverSpec settings,
            String fsType,
            List<String> modes,
            boolean readOnly)
            throws VolumeException, IOException, InterruptedException {
        String policy = OrEmpty.of(settings.getFsGroupPolicy());
        boolean wanted = "File".equals(policy)
                || (!"None".equals(policy) && !fsType.isEmpty() && modes.contains("ReadWriteOnce"));
        if (wanted
                && !readOnly
                && request.owner().group() >= 0
                && !driver.can(NodeServiceCapability.RPC.Type.VOLUME_MOUNT_GROUP)) {
            request.owner().apply(target, false);
        }
    }
}
