package io.keelson.agent.plugins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.volumes.csi.DriverSockets;
import io.keelson.agent.wire.registration.PluginInfo;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.TestCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PluginFolderTest {
    private final List<String> seen = new CopyOnWriteArrayList<>();
    private final AtomicInteger refusals = new AtomicInteger();
    private final Time time = Time.system();
    private final DriverSockets sockets = new DriverSockets();
    private PluginFolder plugins;

    @TempDir
    private Path folder;

    @BeforeEach
    void start() throws Exception {
        PluginHandler handler = new PluginHandler() {
            @Override
            public void register(Plugin plugin) throws PluginProblem {
                if (refusals.getAndDecrement() > 0) {
                    throw new PluginProblem("not now");
                }
                seen.add("+" + plugin.name() + " " + folder.relativize(plugin.endpoint()) + " " + plugin.versions());
            }

            @Override
            public void deregister(Plugin plugin) {
                seen.add("-" + plugin.name());
            }
        };
        plugins = new PluginFolder(folder, sockets, Map.of("CSIPlugin", handler), time);
        plugins.start();
    }

    @AfterEach
    void end() {
        plugins.close();
        sockets.close();
        time.close();
    }

    private static PluginInfo info(String type, String name, String endpoint) {
        return PluginInfo.newBuilder()
                .setType(type)
                .setName(name)
                .setEndpoint(endpoint)
                .addSupportedVersions("1.0.0")
                .build();
    }

    private void await(String what, List<String> wanted) throws InterruptedException {
        TestCluster.await(what, () -> {
            plugins.wake();
            return seen.equals(wanted);
        });
    }

    @Test
    void aPluginIsRegisteredAgainWhenItComesBackAndTakenAwayWhenItIsGone() throws Exception {
        Path socket = folder.resolve("a-reg.sock");
        try (FakePlugin plugin = new FakePlugin(
                socket, info("CSIPlugin", "a", folder.resolve("a.sock").toString()))) {
            await("it is there", List.of("+a a.sock [1.0.0]"));
            TestCluster.await("it is told", () -> plugin.told.equals(List.of("registered")));
        }
        await("it is gone", List.of("+a a.sock [1.0.0]", "-a"));
        seen.clear();
        try (FakePlugin plugin = new FakePlugin(socket, info("CSIPlugin", "a", ""))) {
            await("it is there again", List.of("+a a-reg.sock [1.0.0]"));
            TestCluster.await("it is told", () -> plugin.told.equals(List.of("registered")));
            // Another one takes its place between two looks.
            Files.delete(socket);
            try (FakePlugin other = new FakePlugin(socket, info("CSIPlugin", "b", ""))) {
                await("the other one is there", List.of("+a a-reg.sock [1.0.0]", "-a", "+b a-reg.sock [1.0.0]"));
                TestCluster.await("it is told", () -> other.told.equals(List.of("registered")));
            }
        }
    }

    @Test
    void aPluginThatIsRefusedIsToldWhyAndAskedAgain() throws Exception {
        refusals.set(1);
        try (FakePlugin plugin = new FakePlugin(
                Files.createDirectory(folder.resolve("sub")).resolve("a.sock"), info("CSIPlugin", "a", ""))) {
            await("it is there", List.of("+a sub/a.sock [1.0.0]"));
            TestCluster.await("it is told", () -> plugin.told.equals(List.of("not now", "registered")));
        }
    }

    @Test
    void typesThatNobodyKnowsAndWhatIsNoPluginDisturbNobody() throws Exception {
        Files.writeString(folder.resolve("file.sock"), "not a socket");
        Files.createSymbolicLink(folder.resolve("link.sock"), Path.of("/"));
        Path hidden = Files.createDirectory(folder.resolve(".hidden"));
        try (FakePlugin unknown = new FakePlugin(folder.resolve("x.sock"), info("OtherPlugin", "x", ""));
                FakePlugin nameless = new FakePlugin(folder.resolve("n.sock"), info("CSIPlugin", "", ""));
                FakePlugin unseen = new FakePlugin(hidden.resolve("h.sock"), info("CSIPlugin", "h", ""));
                UnixServer _ = UnixServer.start(folder.resolve("m.sock"), List.of());
                FakePlugin plugin = new FakePlugin(folder.resolve("a.sock"), info("CSIPlugin", "a", ""))) {
            await("the good one is there", List.of("+a a.sock [1.0.0]"));
            TestCluster.await("it is told", () -> plugin.told.equals(List.of("registered")));
            TestCluster.await("the other one is told", () -> !unknown.told.isEmpty());
            assertEquals(
                    "no handler registered for plugin type: OtherPlugin at socket " + folder.resolve("x.sock"),
                    unknown.told.getFirst());
            assertTrue(nameless.told.isEmpty());
            assertTrue(unseen.told.isEmpty());
        }
    }
}
