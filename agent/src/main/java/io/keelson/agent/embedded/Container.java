package io.keelson.agent.embedded;

import io.keelson.agent.wire.cri.ContainerConfig;
import io.keelson.agent.wire.cri.LinuxContainerResources;
import io.keelson.controllers.process.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A container as this runtime knows it, kept in a folder: {@code config}, written once; {@code record}, written anew
 * with every step; {@code exit}, written by the shim. What changes is changed under the lock of its sandbox, and read
 * by anyone.
 */
final class Container {
    private final String id;
    private final Sandbox sandbox;
    private final ContainerConfig config;
    private final Map<String, String> facts;
    private volatile Run run;
    private volatile LinuxContainerResources resources;

    /**
     * @param facts what was found out when it was created: {@code createdAt}, {@code imageId}, {@code cgroup},
     *     {@code root}, {@code user}, {@code group}, {@code groups}, {@code home}
     */
    Container(String id, Sandbox sandbox, ContainerConfig config, Map<String, String> facts) {
        this.id = id;
        this.sandbox = sandbox;
        this.config = config;
        this.facts = Map.copyOf(facts);
        this.run = Run.ofRecord(facts);
        this.resources = config.getLinux().getResources();
    }

    /** One from its folder; null if it was not created to its end. */
    static @Nullable Container load(Sandbox sandbox, Path folder) {
        Map<String, String> record = Records.read(folder.resolve("record"));
        if (record.isEmpty()) {
            return null;
        }
        try {
            ContainerConfig config = ContainerConfig.parseFrom(Files.readAllBytes(folder.resolve("config")));
            Container container =
                    new Container(Objects.requireNonNull(folder.getFileName()).toString(), sandbox, config, record);
            Path changed = folder.resolve("resources");
            if (Files.exists(changed)) {
                container.resources = LinuxContainerResources.parseFrom(Files.readAllBytes(changed));
            }
            return container;
        } catch (IOException damaged) {
            return null;
        }
    }

    /** Writes all there is to know; the record last, which makes it one. */
    void create() throws IOException {
        Files.createDirectories(folder());
        WholeFile.write(folder().resolve("config"), config.toByteArray());
        save();
    }

    private void save() throws IOException {
        Map<String, String> record = new HashMap<>(facts);
        record.putAll(run.toRecord());
        Records.write(folder().resolve("record"), record);
    }

    /** Makes a step, which is known before it is kept: of a step that cannot be written, the shim knows as well. */
    void become(Run next) throws IOException {
        run = next;
        save();
    }

    void become(LinuxContainerResources next) throws IOException {
        resources = next;
        WholeFile.write(folder().resolve("resources"), next.toByteArray());
    }

    /** How it ended, if the shim has said so in its file. */
    @Nullable
    Run written() {
        Map<String, String> exit = Records.read(folder().resolve("exit"));
        if (!exit.containsKey("code")) {
            return null;
        }
        return Run.exited(
                Records.number(exit, "started"),
                Records.number(exit, "finished"),
                (int) Records.number(exit, "code"),
                Records.number(exit, "oom") != 0);
    }

    String id() {
        return id;
    }

    Sandbox sandbox() {
        return sandbox;
    }

    ContainerConfig config() {
        return config;
    }

    Run run() {
        return run;
    }

    LinuxContainerResources resources() {
        return resources;
    }

    Path folder() {
        return sandbox.containersFolder().resolve(id);
    }

    String fact(String name) {
        return facts.getOrDefault(name, "");
    }

    long createdAt() {
        return Records.number(facts, "createdAt");
    }

    /** Where its log goes; empty if it has none. */
    String logPath() {
        String folder = sandbox.config().getLogDirectory();
        return folder.isEmpty() || config.getLogPath().isEmpty()
                ? ""
                : Path.of(folder, config.getLogPath()).normalize().toString();
    }

    String cgroup() {
        return fact("cgroup");
    }
}
