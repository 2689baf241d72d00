package io.keelson.agent.embedded.images.bundled;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import io.keelson.agent.cri.RuntimePlayground;
import io.keelson.agent.cri.RuntimeSockets;
import io.keelson.agent.cri.TestContainerd;
import io.keelson.agent.embedded.images.command.ImageCommand;
import io.keelson.agent.wire.cri.ImageSpec;
import io.keelson.agent.wire.cri.KeyValue;
import io.keelson.agent.wire.cri.NamespaceMode;
import io.keelson.controllers.runtime.Time;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The way of the bundled images to containerd: {@code keelson image export}, {@code ctr images import}. */
@Tag("root")
class ContainerdImportTest {
    @TempDir
    private Path folder;

    @Test
    void bundledImagesAreExportedThoughNobodyMadeThemBeforeAndRunInContainerd() throws Exception {
        assumeTrue(TestContainerd.isInstalled(), "containerd is missing");
        Path tar = folder.resolve("web.tar");
        assertEquals(
                0,
                new CommandLine(new ImageCommand())
                        .execute(
                                "export",
                                "keelson/web:1",
                                "keelson/web:2",
                                "-o",
                                tar.toString(),
                                "--store",
                                folder.resolve("store").toString()));
        Path state = Files.createTempDirectory("kd");
        String cgroup = "/keelson-test-" + UUID.randomUUID();
        try (Time time = Time.system();
                RuntimeSockets sockets = new RuntimeSockets(time);
                TestContainerd containerd = new TestContainerd(state)) {
            containerd.load(tar);
            RuntimePlayground pods = new RuntimePlayground(
                    sockets.connect(containerd.endpoint(), containerd.endpoint()), "keelson/web:1", cgroup, folder);
            try {
                String pod = pods.run(config -> config.setHostname("")
                        .getLinuxBuilder()
                        .getSecurityContextBuilder()
                        .getNamespaceOptionsBuilder()
                        .setNetwork(NamespaceMode.NODE));
                for (int version : List.of(1, 2)) {
                    String port = Integer.toString(freePort());
                    String id = pods.create(
                            pod,
                            pods.command()
                                    .setImage(ImageSpec.newBuilder().setImage("keelson/web:" + version))
                                    .addEnvs(KeyValue.newBuilder()
                                            .setKey("PORT")
                                            .setValue(ByteString.copyFromUtf8(port))));
                    pods.start(id);
                    pods.awaitOutput(id, "keelson/web version " + version + ", port " + port + ": listening\n");
                }
            } finally {
                pods.removeAll();
            }
        } finally {
            removeCgroups(cgroup);
            remove(state);
        }
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void removeCgroups(String cgroup) throws Exception {
        Path hierarchies = Path.of("/sys/fs/cgroup");
        Files.deleteIfExists(hierarchies.resolve(cgroup.substring(1)));
        for (Path hierarchy : list(hierarchies)) {
            if (Files.isDirectory(hierarchy)) {
                Files.deleteIfExists(hierarchy.resolve(cgroup.substring(1)));
            }
        }
    }

    private static List<Path> list(Path parent) throws Exception {
        try (Stream<Path> children = Files.list(parent)) {
            return children.toList();
        }
    }

    private static void remove(Path tree) throws Exception {
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
