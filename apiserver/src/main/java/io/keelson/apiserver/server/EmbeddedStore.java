package io.keelson.apiserver.server;

import io.grpc.Channel;
import io.keelson.kvstore.server.KvServer;
import io.keelson.kvstore.server.StartFailure;
import io.keelson.kvstore.server.config.ServerConfig;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A store of one member in this process, talked to without a network between. It listens nowhere: whoever could reach it
 * would read every Secret without being asked who they are. Its data is in a folder, or, for tests, in one that goes when
 * it is closed and is not synced to the disk.
 */
final class EmbeddedStore implements AutoCloseable {
    private final KvServer server;
    private final @Nullable Path temporary;

    private EmbeddedStore(KvServer server, @Nullable Path temporary) {
        this.server = server;
        this.temporary = temporary;
    }

    /**
     * Starts it.
     *
     * @param folder where its data is; null for nowhere that lasts
     * @throws IOException if it cannot start
     */
    static EmbeddedStore start(@Nullable Path folder) throws IOException {
        Path temporary = folder == null ? Files.createTempDirectory("keelson-store") : null;
        Path data = folder == null ? temporary : folder;
        List<String> flags = new ArrayList<>(List.of(
                "--data-dir=" + data,
                "--log-level=warn",
                // What is read is in this process's own caches.
                "--block-cache-mib=32",
                "--write-buffer-mib=32",
                // The caches are the only ones that watch, and hold changes themselves.
                "--watch-window-mib=8"));
        if (temporary != null) {
            flags.add("--unsafe-no-fsync");
        }
        try {
            return new EmbeddedStore(KvServer.start(ServerConfig.embedded(flags.toArray(String[]::new))), temporary);
        } catch (StartFailure e) {
            remove(temporary);
            throw new IOException("the embedded store in " + data + " does not start: " + e.getMessage(), e);
        }
    }

    Channel channel() {
        return server.channel();
    }

    @Override
    public void close() {
        server.close();
        remove(temporary);
    }

    private static void remove(@Nullable Path temporary) {
        if (temporary == null) {
            return;
        }
        try {
            Files.walkFileTree(temporary, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                        throws IOException {
                    Files.delete(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            // A folder for temporary files is swept by others in time.
        }
    }
}
