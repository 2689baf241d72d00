package io.keelson.dist.up;

import io.keelson.agent.command.MachineAddress;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.process.Host;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * What a cluster's node is on this machine, and where it keeps what it has.
 *
 * @param name of its object
 * @param address by which others reach it
 * @param folder where it keeps its things
 * @param run where its pods have their sockets; its path is short, whatever that of the folder is
 * @param cgroup under which those of its pods are
 * @param runtime the socket of the container runtime; empty to find one, or take the embedded one
 * @param handlers programs of the embedded one for pods whose RuntimeClass names them, by these names
 * @param registries the file that tells the embedded one how registries are reached
 */
record NodePlace(
        String name,
        String address,
        Path folder,
        Path run,
        String cgroup,
        Optional<String> runtime,
        Map<String, Path> handlers,
        Optional<Path> registries) {
    NodePlace {
        handlers = Map.copyOf(handlers);
    }

    /**
     * Of a cluster that is kept in a folder.
     *
     * @param name null for the host's
     * @param address null to find one
     * @throws IOException if this machine has no name, or no address that others could reach
     */
    static NodePlace of(
            Path cluster,
            @Nullable String name,
            @Nullable String address,
            @Nullable String runtime,
            Map<String, Path> handlers,
            Optional<Path> registries)
            throws IOException {
        return new NodePlace(
                name == null ? Host.name() : name,
                address == null ? found() : checked(address),
                folder(cluster),
                run(cluster),
                cgroup(cluster),
                Optional.ofNullable(runtime),
                handlers,
                registries);
    }

    /** {@link #folder} of the node of a cluster. */
    static Path folder(Path cluster) {
        return cluster.resolve("node");
    }

    /** {@link #run} of the node of a cluster. */
    static Path run(Path cluster) {
        return Path.of("/run/keelson", id(cluster));
    }

    /** {@link #cgroup} of the node of a cluster. */
    static String cgroup(Path cluster) {
        return "/keelson-" + id(cluster);
    }

    /** Tells the clusters of a machine apart in eight letters. */
    private static String id(Path cluster) {
        CRC32 sum = new CRC32();
        sum.update(cluster.toString().getBytes(StandardCharsets.UTF_8));
        return String.format(Locale.ROOT, "%08x", sum.getValue());
    }

    private static String checked(String address) {
        if (IpAddress.parse(address) == null) {
            throw new IllegalArgumentException("--node-ip: \"" + address + "\" is no IP address");
        }
        return address;
    }

    private static String found() throws IOException {
        return MachineAddress.find(false)
                .map(InetAddress::getHostAddress)
                .orElseThrow(() -> new IOException("this machine has no IPv4 address besides that of its loopback, and"
                        + " pods could not reach the API: connect it to a network, give an address of its own with"
                        + " --node-ip, or leave pods out with --disable=agent,proxy,dns"));
    }

    /** What a process is started with that is to have this node, as a user would type it. */
    List<String> arguments() {
        List<String> words = new ArrayList<>(List.of("--node-name=" + name, "--node-ip=" + address));
        runtime.ifPresent(endpoint -> words.add("--container-runtime-endpoint=" + endpoint));
        words.addAll(runtimeFlags());
        return words;
    }

    /** What the embedded runtime is told, as a user would type it. */
    List<String> runtimeFlags() {
        return Stream.concat(
                        handlers.entrySet().stream()
                                .map(handler -> "--runtime-handler=" + handler.getKey() + "=" + handler.getValue())
                                .sorted(),
                        registries.stream().map(file -> "--private-registry=" + file))
                .toList();
    }

    /** Where static pods are put. */
    Path staticPods() {
        return folder.resolve("static-pods");
    }
}
