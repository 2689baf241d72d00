package io.keelson.agent.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keelson.agent.wire.cri.Int64Value;
import io.keelson.agent.wire.cri.Mount;
import io.keelson.controllers.runtime.Time;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pods with users of their own on a real containerd: one that can has them, of an older one the agent asks for none. */
@Tag("root")
class ContainerdUsersTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int FIRST = 262_144;

    /** A network plugin that gives an address, and does nothing. */
    private static final String PLUGIN = """
            #!/bin/sh
            case "$CNI_COMMAND" in
              VERSION) echo '{"cniVersion":"1.0.0","supportedVersions":["0.3.1","0.4.0","1.0.0"]}' ;;
              ADD) echo '{"cniVersion":"0.4.0","interfaces":[{"name":"eth0","sandbox":"'"$CNI_NETNS"'"}],'\\
            '"ips":[{"version":"4","interface":0,"address":"192.0.2.7/24"}]}' ;;
            esac
            """;

    @TempDir
    private Path folder;

    @Test
    void usersOfTheirOwnAreHadWhereTheRuntimeCanAndElseRefused() throws Exception {
        assumeTrue(TestContainerd.isInstalled(), "containerd, runc and busybox-static are not installed");
        // Root of the pod, who is nobody here, has to come through to what containerd keeps.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        network();
        try (TestContainerd containerd = new TestContainerd(folder);
                Time time = Time.system();
                RuntimeSockets sockets = new RuntimeSockets(time)) {
            containerd.load("docker.io/library/keelson-test:1", "sleep 999999");
            RuntimeConnection connection = sockets.connect(containerd.endpoint(), containerd.endpoint());
            RuntimeCheck check = new RuntimeCheck(connection, LIMIT);
            RuntimeProfile profile = check.profile();
            Optional<String> problem = profile.userNamespaceProblem(check.handlers(), "");
            RuntimeProfile.Handler usual = check.handlers().get("");
            if (usual == null || !usual.userNamespaces()) {
                assertTrue(
                        problem.orElseThrow()
                                .startsWith("RuntimeClass handler \"\" does not support user namespaces: "),
                        problem.get());
                assertTrue(problem.get().contains("or set hostUsers: true"), problem.get());
                return;
            }
            assertEquals(Optional.empty(), problem);
            assertTrue(profile.userNamespaceProblem(check.handlers(), "none").isPresent());
            hasItsUsers(connection);
        }
    }

    private void network() throws Exception {
        Path cni = Files.createDirectory(folder.resolve("cni"));
        Files.writeString(cni.resolve("1.conflist"), """
                {"cniVersion":"0.4.0","name":"test","plugins":[{"type":"nothing"}]}
                """);
        for (String name : List.of("nothing", "loopback")) {
            Path program = Files.writeString(cni.resolve(name), PLUGIN);
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        }
    }

    private void hasItsUsers(RuntimeConnection connection) throws Exception {
        Path volume = Files.createDirectory(folder.resolve("volume"));
        Files.setAttribute(Files.createFile(volume.resolve("file")), "unix:uid", 1000);
        RuntimePlayground pods = new RuntimePlayground(
                connection,
                "keelson-test:1",
                "/keelson-test-" + UUID.randomUUID(),
                folder,
                RuntimeSuite.Ways.withUsers(FIRST));
        try {
            String pod = pods.run();
            var config = pods.shell("cat /proc/self/uid_map; [ -O /v/file ] && echo mine; exec sleep 1000");
            config.addMounts(Mount.newBuilder().setContainerPath("/v").setHostPath(volume.toString()));
            config.getLinuxBuilder()
                    .getSecurityContextBuilder()
                    .setRunAsUser(Int64Value.newBuilder().setValue(1000));
            String id = pods.create(pod, config);
            pods.start(id);
            pods.awaitOutput(id, "mine");
            assertTrue(pods.output(id).contains(Integer.toString(FIRST)), pods.output(id));
        } finally {
            pods.removeAll();
        }
    }
}
