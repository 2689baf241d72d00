package io.keelson.agent.plugins;

import io.grpc.ManagedChannel;
import io.keelson.controllers.runtime.Repeating;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder that plugins put their sockets into, {@code plugins_registry} in the agent's root. It is looked through
 * every second, as often as the kubelet acts on what it has seen; a socket that another one has taken the place of in
 * between is told from it by its inode and the time of its change.
 */
public final class PluginFolder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PluginFolder.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    private static final int DEPTH_MAX = 8;
    private static final int SOCKETS_MAX = 256;
    private static final int FILES_MAX = 10_000;

    private final Path folder;
    private final Function<Path, ManagedChannel> connector;
    private final Map<String, PluginHandler> handlers;
    private final Repeating repeating;
    /** Of the thread that looks alone. */
    private final Map<Path, PluginEntry> entries = new HashMap<>();

    private boolean full;

    /**
     * Does nothing before it is started.
     *
     * @param folder made if it is not there
     * @param connector connects to a Unix socket
     * @param handlers by the type of plugin
     */
    public PluginFolder(
            Path folder, Function<Path, ManagedChannel> connector, Map<String, PluginHandler> handlers, Time time) {
        this.folder = folder;
        this.connector = connector;
        this.handlers = Map.copyOf(handlers);
        repeating = new Repeating("plugins", time, () -> LOOK_EVERY, this::look);
    }

    /**
     * Begins; once.
     *
     * @throws IOException if the folder cannot be made
     */
    public void start() throws IOException {
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")));
        repeating.start();
    }

    /** Looks at once. */
    public void wake() {
        repeating.wake();
    }

    private void look() {
        Map<Path, String> sockets = new HashMap<>();
        try {
            find(sockets);
        } catch (IOException e) {
            LOG.warn("{} cannot be looked through: {}", folder, e.toString());
            return;
        }
        entries.forEach((socket, entry) -> {
            if (!sockets.containsKey(socket)) {
                entry.isGone();
            }
        });
        entries.values().removeIf(PluginEntry::isOver);
        boolean tooMany = false;
        for (Map.Entry<Path, String> socket : sockets.entrySet()) {
            PluginEntry entry = entries.get(socket.getKey());
            if (entry == null && entries.size() >= SOCKETS_MAX) {
                tooMany = true;
                continue;
            }
            if (entry == null) {
                entry = new PluginEntry(socket.getKey(), connector, handlers);
                entries.put(socket.getKey(), entry);
            }
            entry.is(socket.getValue());
        }
        if (tooMany && !full) {
            LOG.warn("{} has more than {} sockets: the rest is not looked at", folder, SOCKETS_MAX);
        }
        full = tooMany;
    }

    private void find(Map<Path, String> sockets) throws IOException {
        int[] left = {FILES_MAX};
        Files.walkFileTree(folder, EnumSet.noneOf(FileVisitOption.class), DEPTH_MAX, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                return !directory.equals(folder) && isHidden(directory)
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                // What is neither file, folder nor link is a socket or what nobody would put here.
                if (attributes.isOther() && !isHidden(file)) {
                    identity(file, sockets);
                }
                return --left[0] > 0 ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException problem) {
                // It went away in between.
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static void identity(Path file, Map<Path, String> sockets) {
        try {
            sockets.put(file, Files.readAttributes(file, "unix:ino,ctime").toString());
        } catch (IOException e) {
            // It went away in between.
            LOG.debug("{} is not there any more", file);
        }
    }

    private static boolean isHidden(Path file) {
        return file.getFileName().toString().startsWith(".");
    }

    /** Looks no more; what is registered stays so, and registers again with the next agent. */
    @Override
    public void close() {
        repeating.close();
        entries.values().forEach(PluginEntry::close);
    }
}
