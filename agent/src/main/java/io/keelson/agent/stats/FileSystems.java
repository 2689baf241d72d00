package io.keelson.agent.stats;

import io.keelson.agent.embedded.Libc;
import io.keelson.agent.stats.NodeUsage.Disk;
import io.keelson.agent.volumes.DiskUsage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** How full file systems are. */
final class FileSystems {
    private FileSystems() {}

    /** The one that has a folder, with all that is on it; empty if the folder is not there. */
    static Optional<Disk> of(Path folder, Instant now) {
        return of(folder, now, Optional.empty());
    }

    /**
     * The one that has a folder.
     *
     * @param used what of it is asked about; empty for all
     */
    static Optional<Disk> of(Path folder, Instant now, Optional<DiskUsage> used) {
        try {
            Libc.FileSystem system = Libc.fileSystem(folder.toString());
            return Optional.of(new Disk(
                    now,
                    folder.toString(),
                    Files.getFileStore(folder).name(),
                    system.bytes(),
                    system.availableBytes(),
                    used.map(DiskUsage::bytes).orElse(system.bytes() - system.freeBytes()),
                    system.files(),
                    system.filesFree(),
                    used.map(DiskUsage::inodes).orElse(system.files() - system.filesFree())));
        } catch (IOException e) {
            // It went away meanwhile, as volumes do.
            return Optional.empty();
        }
    }
}
