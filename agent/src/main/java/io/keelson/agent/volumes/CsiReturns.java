package io.keelson.agent.volumes;

import io.keelson.agent.embedded.Libc;
import io.keelson.agent.mounts.MountTable;
import io.keelson.agent.volumes.csi.CsiDrivers;
import io.keelson.controllers.process.WholeFile;
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
 * Gives volumes of storage plugins back: unpublishes those of a pod, and unstages what no pod uses any more. Who uses
 * a staged volume is what the folders of pods say, and what there is what the notes beside it say; nothing else is
 * needed.
 */
final class CsiReturns {
    /** Where a plugin puts the files of a volume, beside the note. */
    static final String MOUNT = "mount";

    private static final int LOCKS = 64;

    private final VolumeFolders folders;
    private final CsiDrivers drivers;
    private final List<ReentrantLock> locks = new ArrayList<>();

    CsiReturns(VolumeFolders folders, CsiDrivers drivers) {
        this.folders = folders;
        this.drivers = drivers;
        for (int i = 0; i < LOCKS; i++) {
            locks.add(new ReentrantLock());
        }
    }

    /** Whoever works on a volume holds it; others may wait for the same one. */
    ReentrantLock lock(String handle) {
        return locks.get(Math.floorMod(handle.hashCode(), LOCKS));
    }

    /**
     * Gives back a pod's volumes, but for what is staged.
     *
     * @return the names of the persistent volumes that it had
     */
    Set<String> unpublish(String podUid) throws VolumeException, IOException, InterruptedException {
        Set<String> names = new TreeSet<>();
        for (Path folder :
                VolumeFolders.entries(folders.volumes(podUid).resolve("kubernetes.io~" + CsiVolumes.PLUGIN))) {
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
            Files.deleteIfExists(WholeFile.unfinished(folder.resolve(CsiNote.FILE)));
            Files.deleteIfExists(folder.resolve(CsiNote.FILE));
            Files.deleteIfExists(folder);
        }
        for (Path link : VolumeFolders.entries(folders.devices(podUid).resolve("kubernetes.io~" + CsiVolumes.PLUGIN))) {
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
        for (Path driver : VolumeFolders.entries(folders.plugin(CsiVolumes.PLUGIN))) {
            if (CsiNames.DEVICES.equals(driver.getFileName().toString())) {
                continue;
            }
            for (Path folder : VolumeFolders.entries(driver)) {
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
        for (Path device :
                VolumeFolders.entries(folders.plugin(CsiVolumes.PLUGIN).resolve(CsiNames.DEVICES))) {
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
            Files.deleteIfExists(WholeFile.unfinished(volume.noted.resolve(CsiNote.FILE)));
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
                .map(uid -> device
                        ? folders.device(uid, CsiVolumes.PLUGIN, name)
                        : folders.volume(uid, CsiVolumes.PLUGIN, name))
                .anyMatch(path -> Files.exists(path, LinkOption.NOFOLLOW_LINKS));
    }

    /** The names of persistent volumes that pods here have, or that are still staged, as nodes tell them. */
    Set<String> inUse() throws IOException {
        Set<String> names = new TreeSet<>();
        for (String uid : folders.podsWithVolumes()) {
            for (Path folder :
                    VolumeFolders.entries(folders.volumes(uid).resolve("kubernetes.io~" + CsiVolumes.PLUGIN))) {
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
