package io.keelson.agent.embedded.assembly;

import io.grpc.BindableService;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.embedded.EmbeddedRuntime;
import io.keelson.agent.embedded.RuntimeServer;
import io.keelson.agent.embedded.RuntimeSettings;
import io.keelson.agent.embedded.images.Platform;
import io.keelson.agent.embedded.images.registry.Pull;
import io.keelson.agent.embedded.images.registry.RegistryLimits;
import io.keelson.agent.embedded.images.service.EmbeddedImages;
import io.keelson.agent.embedded.images.store.ImageStore;
import io.keelson.agent.network.NodeNetwork;
import io.keelson.controllers.process.Parts;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;

/**
 * The embedded runtime with its images and its network, answering inside the process and, if asked for, on a socket.
 * Pods go on running when it is closed, or its process is killed, and the next one on the same folders takes them up.
 *
 * <p>Routes to the pods of other nodes are the agent's: {@link io.keelson.agent.network.RouteSync} with what
 * {@link #network()} has.
 */
public final class EmbeddedNode implements AutoCloseable {
    /** Hears the ranges of pods that the kubelet tells. */
    interface RangeListener {
        /** @throws IllegalArgumentException if they are none */
        void told(List<String> ranges) throws IOException;
    }

    private final Parts parts = new Parts();

    private final ImageStore images;
    private final NodeNetwork network;
    private final RuntimeServer server;

    private EmbeddedNode(
            EmbeddedNodeSettings settings, Supplier<List<String>> podRanges, RangeListener told, InstantSource time)
            throws IOException, InterruptedException {
        boolean isDone = false;
        try {
            parts.opened(lock(settings.root()));
            images = parts.opened(ImageStore.open(settings.images()));
            network = parts.opened(NodeNetwork.open(settings.network(), podRanges));
            Pull pull = parts.opened(new Pull(images, RegistryLimits.DEFAULT, settings.registries()));
            EmbeddedRuntime runtime = parts.opened(new EmbeddedRuntime(new RuntimeSettings(
                    settings.root(),
                    settings.run(),
                    settings.shimCgroup(),
                    images,
                    new RuntimeNetwork(network, told),
                    time,
                    settings.handlers(),
                    settings.version())));
            List<BindableService> services =
                    List.of(runtime, new EmbeddedImages(images, pull, Platform.ofThisMachine(), time));
            server = parts.opened(
                    settings.socket().isPresent()
                            ? RuntimeServer.start(services, settings.socket().get())
                            : RuntimeServer.start(services));
            isDone = true;
        } finally {
            if (!isDone) {
                close();
            }
        }
    }

    /**
     * Takes up what a former process left, and is ready.
     *
     * @param podRanges the node's {@code spec.podCIDRs}, as they are now; empty while it has none. Asked from any
     *     thread, and quick
     * @throws IOException if the machine lacks something, with what it is, or another process has the same folders
     */
    public static EmbeddedNode start(
            EmbeddedNodeSettings settings, Supplier<List<String>> podRanges, InstantSource time)
            throws IOException, InterruptedException {
        return new EmbeddedNode(settings, podRanges, _ -> {}, time);
    }

    /** The same with the ranges that the kubelet tells the runtime. */
    static EmbeddedNode start(EmbeddedNodeSettings settings, ToldPodRanges podRanges, InstantSource time)
            throws IOException, InterruptedException {
        return new EmbeddedNode(settings, podRanges, podRanges::tell, time);
    }

    private static FileChannel lock(Path root) throws IOException {
        Files.createDirectories(root);
        // What containers are made of is below, and has their secrets.
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
        FileChannel file = FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean isOurs;
        try {
            isOurs = file.tryLock() != null;
        } catch (OverlappingFileLockException inThisProcess) {
            isOurs = false;
        }
        if (!isOurs) {
            file.close();
            throw new IOException("another runtime has the pods in " + root + ": stop it, or take another folder");
        }
        return file;
    }

    /** The runtime and its images, for the other parts of this process. */
    public RuntimeConnection connection() {
        return server.connection();
    }

    /** The images. */
    public ImageStore images() {
        return images;
    }

    /** The pods' network. */
    public NodeNetwork network() {
        return network;
    }

    /** Answers no more. Pods go on. */
    @Override
    public void close() {
        parts.close();
    }
}
