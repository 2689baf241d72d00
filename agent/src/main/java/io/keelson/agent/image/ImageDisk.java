package io.keelson.agent.image;

import io.grpc.StatusRuntimeException;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.cri.RuntimeError;
import io.keelson.agent.wire.cri.FilesystemUsage;
import io.keelson.agent.wire.cri.ImageFsInfoRequest;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The disk that images are on. */
@FunctionalInterface
public interface ImageDisk {
    /** How large it is and how much of that is free, in bytes. */
    record Space(long capacityBytes, long availableBytes) {}

    /**
     * Its space now.
     *
     * @throws IOException if nobody can tell
     */
    Space space() throws IOException;

    /** The disk of the folder that a runtime names. */
    static ImageDisk of(RuntimeConnection connection) {
        return () -> {
            List<FilesystemUsage> disks;
            try {
                disks = connection
                        .images(Duration.ofMinutes(2))
                        .imageFsInfo(ImageFsInfoRequest.getDefaultInstance())
                        .getImageFilesystemsList();
            } catch (StatusRuntimeException e) {
                throw new IOException("failed to get image filesystem: " + RuntimeError.text(e), e);
            }
            if (disks.isEmpty()) {
                throw new IOException("the container runtime names no filesystem of images");
            }
            FileStore store =
                    Files.getFileStore(Path.of(disks.getFirst().getFsId().getMountpoint()));
            return new Space(store.getTotalSpace(), store.getUsableSpace());
        };
    }
}
