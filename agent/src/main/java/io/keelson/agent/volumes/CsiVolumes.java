package io.keelson.agent.volumes;

import io.fabric8.kubernetes.api.model.CSIPersistentVolumeSource;
import io.fabric8.kubernetes.api.model.CSIVolumeSource;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.storage.CSIDriverSpec;
import io.keelson.agent.embedded.Libc;
import io.keelson.agent.volumes.csi.CsiDriver;
import io.keelson.agent.volumes.csi.CsiDrivers;
import io.keelson.agent.wire.csi.NodePublishVolumeRequest;
import io.keelson.agent.wire.csi.NodeServiceCapability;
import io.keelson.agent.wire.csi.NodeStageVolumeRequest;
import io.keelson.agent.wire.csi.VolumeCapability;
import io.keelson.controllers.objects.OrEmpty;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Volumes of storage plugins. A persistent one is staged once for the node, if the plugin wants that, and published
 * for each pod; the last pod's end unstages it. What is asked is noted before, so that it is given back whenever the
 * agent ended: who uses a staged volume is what the folders of pods say. Work on one volume is done by one thread at a
 * time.
 */
final class CsiVolumes {
    static final String PLUGIN = "csi";
    /** Where a plugin puts the files of a volume, beside the note. */
    private static final String MOUNT = "mount";

    private static final int LOCKS = 64;

    private final PodFolders folders;
    private final CsiDrivers drivers;
    private final CsiParameters parameters;
    private final List<ReentrantLock> locks = new ArrayList<>();

    CsiVolumes(PodFolders folders, CsiDrivers drivers, CsiParameters parameters) {
        this.folders = folders;
        this.drivers = drivers;
        this.parameters = parameters;
        for (int i = 0; i < LOCKS; i++) {
            locks.add(new ReentrantLock());
        }
    }

    private ReentrantLock lock(String handle) {
        return locks.get(Math.floorMod(handle.hashCode(), LOCKS));
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
        Path target = folder.resolve(MOUNT);
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
        return MountedVolume.shared(request.name(), target, readOnly);
    }

    /** A volume that stays, with files. */
    MountedVolume persistent(VolumeRequest request, PersistentVolume volume, boolean readOnly)
            throws VolumeException, IOException, InterruptedException {
        CSIPersistentVolumeSource source = volume.getSpec().getCsi();
        String name = volume.getMetadata().getName();
        CsiNote note = note(volume);
        CSIDriverSpec settings = parameters.settings(note.driver());
        Path folder = folders.volume(request.podUid(), PLUGIN, name);
        Path target = folder.resolve(MOUNT);
        String inUse = CsiNames.inUse(note);
        ReentrantLock lock = lock(note.handle());
        lock.lockInterruptibly();
        try {
            if (MountTable.isMounted(target) && !OrEmpty.of(settings.getRequiresRepublish())) {
                return MountedVolume.shared(name, target, readOnly).persistent(inUse, List.of());
            }
            CsiDriver driver = drivers.get(note.driver());
            Map<String, String> context = parameters.publishContext(note, settings);
            PodFolders.make(folder);
            note.write(folder);
            List<String> modes = OrEmpty.of(volume.getSpec().getAccessModes());
            VolumeCapability capability = capability(
                    driver,
                    request,
                    OrEmpty.of(source.getFsType()),
                    OrEmpty.of(volume.getSpec().getMountOptions()),
                    modes.isEmpty() ? "ReadWriteOnce" : modes.getFirst());
            Path noted = CsiNames.staging(folders, note);
            String staged = stage(driver, note, noted.resolve("globalmount"), capability, context, source, noted);
            driver.publish(parameters
                    .addPod(
                            publish(note, target, staged, capability, context, source, readOnly),
                            request.pod(),
                            settings,
                            false)
                    .build());
            own(driver, request, target, settings, OrEmpty.of(source.getFsType()), modes, readOnly);
        } finally {
            lock.unlock();
        }
        return MountedVolume.shared(name, target, readOnly).persistent(inUse, List.of());
    }

    /** A volume that stays, as a device. */
    MountedVolume device(VolumeRequest request, PersistentVolume volume, boolean readOnly, NodeDisks disks)
            throws VolumeException, IOException, InterruptedException {
        CSIPersistentVolumeSource source = volume.getSpec().getCsi();
        String name = volume.getMetadata().getName();
        CsiNote note = note(volume);
        CSIDriverSpec settings = parameters.settings(note.driver());
        ReentrantLock lock = lock(note.handle());
        lock.lockInterruptibly();
        try {
            CsiDriver driver = drivers.get(note.driver());
            Map<String, String> context = parameters.publishContext(note, settings);
            Path data = CsiNames.deviceData(folders, name);
            PodFolders.make(data);
            note.write(data);
            Path published = CsiNames.devicePublished(folders, name).resolve(PodFolders.checked(request.podUid()));
            PodFolders.makeFor(published);
            // The pod's link says that the volume is used, before it is.
            MountedVolume device = disks.link(request, PLUGIN, name, published, readOnly);
            List<String> modes = OrEmpty.of(volume.getSpec().getAccessModes());
            VolumeCapability capability = VolumeCapability.newBuilder()
                    .setBlock(VolumeCapability.BlockVolume.getDefaultInstance())
                    .setAccessMode(driver.accessMode(modes.isEmpty() ? "ReadWriteOnce" : modes.getFirst()))
                    .build();
            Path staging = CsiNames.deviceStaging(folders, name);
            String staged = stage(driver, note, staging, capability, context, source, data);
            driver.publish(parameters
                    .addPod(
                            publish(note, published, staged, capability, context, source, readOnly),
                            request.pod(),
                            settings,
                            false)
                    .build());
            return device.persistent(CsiNames.inUse(note), List.of());
        } finally {
            lock.unlock();
        }
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

    /**
     * Gives back a pod's volumes, but for what is staged.
     *
     * @return the names of the persistent volumes that it had
     */
    Set<String> unpublish(String podUid) throws VolumeException, IOException, InterruptedException {
        Set<String> names = new TreeSet<>();
        for (Path folder : PodFolders.entries(folders.volumes(podUid).resolve("kubernetes.io~" + PLUGIN))) {
            CsiNote note = CsiNote.read(folder);
            Path target = folder.resolve(MOUNT);
            if (note != null) {
                drivers.get(note.driver()).unpublish(note.handle(), target);
                names.add(note.specVolId());
            }
            if (MountTable.isMounted(target)) {
                Libc.unmount(target.toString(), VolumeCalls.UMOUNT_NOFOLLOW);
            }
            Files.deleteIfExists(target);
            Files.deleteIfExists(folder.resolve(CsiNote.FRESH));
            Files.deleteIfExists(folder.resolve(CsiNote.FILE));
            Files.deleteIfExists(folder);
        }
        for (Path link : PodFolders.entries(folders.devices(podUid).resolve("kubernetes.io~" + PLUGIN))) {
            String name = link.getFileName().toString();
            CsiNote note = name.startsWith(".") ? null : CsiNote.read(CsiNames.deviceData(folders, name));
            if (note != null) {
                Path published = CsiNames.devicePublished(folders, name).resolve(podUid);
                drivers.get(note.driver()).unpublish(note.handle(), published);
                if (MountTable.isMounted(published)) {
                    Libc.unmount(published.toString(), VolumeCalls.UMOUNT_NOFOLLOW);
                }
                Files.deleteIfExists(published);
                names.add(name);
            }
            Files.deleteIfExists(link);
        }
        return names;
    }

    /**
     * A volume that is staged.
     *
     * @param staging where
     * @param noted the folder of its note
     * @param all folders that go with it, the innermost first
     */
    private record Staged(CsiNote note, Path staging, Path noted, List<Path> all, boolean device) {
        Staged {
            all = List.copyOf(all);
        }
    }

    private List<Staged> staged() throws IOException {
        List<Staged> found = new ArrayList<>();
        for (Path driver : PodFolders.entries(folders.plugin(PLUGIN))) {
            if (CsiNames.DEVICES.equals(driver.getFileName().toString())) {
                continue;
            }
            for (Path folder : PodFolders.entries(driver)) {
                Path staging = folder.resolve("globalmount");
                CsiNote note = CsiNote.read(folder);
                if (note == null) {
                    // The agent ended before anything was asked.
                    removeEmpty(List.of(staging, folder));
                } else {
                    found.add(new Staged(note, staging, folder, List.of(staging, folder), false));
                }
            }
        }
        for (Path device : PodFolders.entries(folders.plugin(PLUGIN).resolve(CsiNames.DEVICES))) {
            String name = device.getFileName().toString();
            Path data = device.resolve("data");
            CsiNote note = CsiNote.read(data);
            if (note != null) {
                Path staging = CsiNames.deviceStaging(folders, name);
                List<Path> all = List.of(staging, CsiNames.devicePublished(folders, name), data, device);
                found.add(new Staged(note, staging, data, all, true));
            }
        }
        return found;
    }

    /**
     * Gives back what is staged and no pod uses any more, as far as it can.
     *
     * @return what could not be given back, by the volume's name
     */
    Map<String, String> release() throws IOException, InterruptedException {
        Map<String, String> problems = new TreeMap<>();
        for (Staged volume : staged()) {
            try {
                release(volume);
            } catch (VolumeException e) {
                problems.put(volume.note.specVolId(), e.message());
            }
        }
        return problems;
    }

    private void release(Staged volume) throws VolumeException, IOException, InterruptedException {
        CsiNote note = volume.note;
        ReentrantLock lock = lock(note.handle());
        lock.lockInterruptibly();
        try {
            if (isUsed(note.specVolId(), volume.device)) {
                return;
            }
            if (Files.isDirectory(volume.staging, LinkOption.NOFOLLOW_LINKS)) {
                drivers.get(note.driver()).unstage(note.handle(), volume.staging);
                if (MountTable.isMounted(volume.staging)) {
                    Libc.unmount(volume.staging.toString(), VolumeCalls.UMOUNT_NOFOLLOW);
                }
                Files.deleteIfExists(volume.staging);
            }
            Files.deleteIfExists(volume.noted.resolve(CsiNote.FRESH));
            Files.deleteIfExists(volume.noted.resolve(CsiNote.FILE));
            removeEmpty(volume.all);
        } finally {
            lock.unlock();
        }
    }

    private static void removeEmpty(List<Path> folders) throws IOException {
        for (Path folder : folders) {
            try {
                Files.deleteIfExists(folder);
            } catch (DirectoryNotEmptyException e) {
                // It is in use again, or a plugin keeps something there.
                return;
            }
        }
    }

    private boolean isUsed(String name, boolean device) {
        return folders.podsWithVolumes().stream()
                .map(uid -> device ? folders.device(uid, PLUGIN, name) : folders.volume(uid, PLUGIN, name))
                .anyMatch(path -> Files.exists(path, LinkOption.NOFOLLOW_LINKS));
    }

    /** The names of persistent volumes that pods here have, or that are still staged, as nodes tell them. */
    Set<String> inUse() throws IOException {
        Set<String> names = new TreeSet<>();
        for (String uid : folders.podsWithVolumes()) {
            for (Path folder : PodFolders.entries(folders.volumes(uid).resolve("kubernetes.io~" + PLUGIN))) {
                CsiNote note = CsiNote.read(folder);
                if (note != null && !note.isEphemeral()) {
                    names.add(CsiNames.inUse(note));
                }
            }
        }
        staged().forEach(volume -> names.add(CsiNames.inUse(volume.note)));
        return names;
    }
}
