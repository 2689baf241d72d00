package io.keelson.agent.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.StatusRuntimeException;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.cri.RuntimeSuite;
import io.keelson.agent.wire.cri.Capability;
import io.keelson.agent.wire.cri.ExecSyncRequest;
import io.keelson.agent.wire.cri.Int64Value;
import io.keelson.agent.wire.cri.Mount;
import io.keelson.agent.wire.cri.NamespaceMode;
import io.keelson.agent.wire.cri.NamespaceOption;
import io.keelson.agent.wire.cri.StatusRequest;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** The suite of all runtimes with pods whose users are others outside, and what only such pods have. */
@Tag("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UserNamespaceTest extends RuntimeSuite {
    private static final int FIRST = 196_608;
    private static final int LENGTH = 65_536;

    @TempDir
    private static Path folder;

    private TestRuntime runtime;

    @BeforeAll
    void begin() throws Exception {
        assumeTrue(FolderImages.canBeMade(), "busybox-static is missing");
        runtime = new TestRuntime(folder);
        assumeTrue(
                runtime.connection()
                        .runtime(Duration.ofMinutes(1))
                        .status(StatusRequest.getDefaultInstance())
                        .getRuntimeHandlers(0)
                        .getFeatures()
                        .getUserNamespaces(),
                "this kernel cannot map users");
    }

    @AfterAll
    void end() throws Exception {
        runtime.close();
    }

    @Override
    protected RuntimeConnection connection() {
        return runtime.connection();
    }

    @Override
    protected String image() {
        return "busybox";
    }

    @Override
    protected String cgroupParent() {
        return runtime.cgroup + "/pods";
    }

    @Override
    protected Ways ways() {
        return Ways.withUsers(FIRST);
    }

    private String started(String script) throws Exception {
        String id = pods().create(pods().run(), pods().shell(script));
        pods().start(id);
        return id;
    }

    private String exec(String id, String... command) {
        return pods().calls()
                .execSync(ExecSyncRequest.newBuilder()
                        .setContainerId(id)
                        .addAllCmd(List.of(command))
                        .setTimeout(60)
                        .build())
                .getStdout()
                .toStringUtf8();
    }

    private static Object owner(Path file) throws Exception {
        return Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    }

    @Test
    void rootInsideIsNobodyOfTheNode() throws Exception {
        String id = started("cat /proc/self/uid_map /proc/self/gid_map; exec sleep 1000");
        pods().awaitTrue(() -> pods().output(id).lines().count() == 2);
        for (String line : pods().output(id).lines().toList()) {
            assertEquals("0 " + FIRST + " " + LENGTH, line.strip().replaceAll(" +", " "));
        }
        long pid = pods().pid(id);
        assertEquals(FIRST, owner(Path.of("/proc/" + pid)));
        assertEquals("0\n", exec(id, "id", "-u"));
        Path process = Path.of("/proc/" + pid + "/ns");
        for (String kind : List.of("user", "mnt", "net", "ipc", "uts", "cgroup")) {
            assertNotEquals(
                    Files.readSymbolicLink(Path.of("/proc/self/ns").resolve(kind)),
                    Files.readSymbolicLink(process.resolve(kind)),
                    kind);
            assertEquals(
                    Files.readSymbolicLink(process.resolve(kind)).toString(),
                    exec(id, "readlink", "/proc/self/ns/" + kind).strip());
        }
    }

    @Test
    void filesOfTheImageAndOfVolumesAreTheContainersUsers() throws Exception {
        Path volume = Files.createDirectory(folder.resolve("volume"));
        Files.setAttribute(Files.createFile(volume.resolve("of-1000")), "unix:uid", 1000);
        Files.setAttribute(volume, "unix:gid", 2000);
        Files.setAttribute(volume, "unix:mode", 02775);
        var config = pods().shell(
                        "stat -c %u:%g / /bin /dev /dev/null /etc/hosts /dev/shm /v /v/of-1000; echo y > /v/new;"
                                + " chown 7:8 /v/of-1000; touch /mine");
        config.addMounts(Mount.newBuilder().setContainerPath("/v").setHostPath(volume.toString()));
        String id = pods().create(pods().run(), config);
        pods().start(id);
        assertEquals(0, pods().awaitExit(id).getExitCode());
        assertEquals(
                List.of("0:0", "0:0", "0:0", "0:0", "0:0", "0:0", "0:2000", "1000:0"),
                pods().output(id).lines().toList());
        // What is written is of the same number on the disk, as for a pod without such users.
        assertEquals(0, owner(volume.resolve("new")));
        assertEquals(7, owner(volume.resolve("of-1000")));
        assertEquals(FIRST, owner(runtime.images.prepare(FolderImages.ID, id).resolve("mine")));
    }

    @Test
    void whyItEndedIsWrittenIntoAFileOfTheNode() throws Exception {
        Path file = Files.createFile(folder.resolve("termination-log"));
        var config = pods().shell("stat -c %u:%g /dev/termination-log; echo enough > /dev/termination-log");
        config.addMounts(
                Mount.newBuilder().setContainerPath("/dev/termination-log").setHostPath(file.toString()));
        String id = pods().create(pods().run(), config);
        pods().start(id);
        assertEquals(0, pods().awaitExit(id).getExitCode());
        assertEquals("0:0\n", pods().output(id));
        assertEquals("enough\n", Files.readString(file));
    }

    @Test
    void groupsOfVolumesCount() throws Exception {
        Path volume = Files.createDirectory(folder.resolve("shared"));
        Files.setAttribute(volume, "unix:gid", 2000);
        Files.setAttribute(volume, "unix:mode", 02770);
        var config = pods().shell("echo x > /v/file; stat -c %u:%g /v/file; echo to > /dev/stdout");
        config.addMounts(Mount.newBuilder().setContainerPath("/v").setHostPath(volume.toString()));
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .setRunAsUser(Int64Value.newBuilder().setValue(1234))
                .setRunAsGroup(Int64Value.newBuilder().setValue(1234))
                .addSupplementalGroups(2000);
        String id = pods().create(pods().run(), config);
        pods().start(id);
        assertEquals(0, pods().awaitExit(id).getExitCode());
        assertEquals("1234:2000\nto\n", pods().output(id));
    }

    @Test
    void rightsCountInsideOnly() throws Exception {
        var config = pods().shell("mount -t tmpfs none /mnt && echo mounted; hostname inside && echo named;"
                + " mknod /disk b 8 0 2>/dev/null || echo no-device;"
                + " echo 1 2>/dev/null > /proc/sys/kernel/panic || echo no-setting");
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .setPrivileged(true)
                .setCapabilities(Capability.newBuilder().addAddCapabilities("ALL"));
        config.addMounts(Mount.newBuilder()
                .setContainerPath("/mnt")
                .setHostPath(Files.createDirectory(folder.resolve("mnt")).toString()));
        String id = pods().create(pods().run(), config);
        pods().start(id);
        assertEquals(0, pods().awaitExit(id).getExitCode());
        assertEquals("mounted\nnamed\nno-device\nno-setting\n", pods().output(id));
    }

    @Test
    void settingsOfThePodsNamespacesAreSet() throws Exception {
        String pod = pods().run(sandbox -> sandbox.getLinuxBuilder()
                .putSysctls("net.ipv4.ip_unprivileged_port_start", "80")
                .putSysctls("kernel.shm_rmid_forced", "1"));
        String id = pods().create(
                        pod,
                        pods().shell("cat /proc/sys/net/ipv4/ip_unprivileged_port_start"
                                + " /proc/sys/kernel/shm_rmid_forced"));
        pods().start(id);
        pods().awaitExit(id);
        assertEquals("80\n1\n", pods().output(id));
    }

    @Test
    void noTwoPodsAreTheSameUsersAndAllOfAPodAre() throws Exception {
        String other = pods().run(sandbox -> sandbox.getLinuxBuilder()
                .getSecurityContextBuilder()
                .setNamespaceOptions(NamespaceOption.newBuilder().setPid(NamespaceMode.POD)));
        NamespaceOption shared =
                NamespaceOption.newBuilder().setPid(NamespaceMode.POD).build();
        String[] ids = new String[2];
        for (int i = 0; i < ids.length; i++) {
            var config = pods().shell("exec sleep 1000");
            config.getLinuxBuilder().getSecurityContextBuilder().setNamespaceOptions(shared);
            ids[i] = pods().create(other, config);
            pods().start(ids[i]);
        }
        assertEquals(exec(ids[0], "readlink", "/proc/self/ns/user"), exec(ids[1], "readlink", "/proc/self/ns/user"));
        assertEquals("0\n", exec(ids[0], "stat", "-c", "%u", "/proc/1"), "the pod's first process is not the node's");
        assertNotEquals(
                exec(ids[0], "readlink", "/proc/self/ns/user"),
                exec(started("exec sleep 1000"), "readlink", "/proc/self/ns/user"));
    }

    @Test
    void aVolumeThatCannotBeMappedSaysWhatToDo() throws Exception {
        var config = pods().shell("true");
        config.addMounts(Mount.newBuilder().setContainerPath("/v").setHostPath("/proc/sys"));
        String id = pods().create(pods().run(), config);
        String text = problem(() -> pods().start(id));
        assertTrue(text.contains("cannot be mapped on the file system of /proc/sys"), text);
        assertTrue(text.contains("use another kind of volume, or hostUsers: true"), text);
    }

    @Test
    void whatCannotBeIsRefused() throws Exception {
        String pod = pods().run();
        var stranger = pods().shell("true");
        stranger.getLinuxBuilder()
                .getSecurityContextBuilder()
                .setRunAsUser(Int64Value.newBuilder().setValue(LENGTH));
        assertTrue(problem(() -> pods().create(pod, stranger)).contains("user 65536 is none of those"));
        assertTrue(problem(() -> pods().run(sandbox -> sandbox.getLinuxBuilder()
                        .getSecurityContextBuilder()
                        .getNamespaceOptionsBuilder()
                        .setNetwork(NamespaceMode.NODE)))
                .contains("cannot have the node's network"));
    }

    private static String problem(Executable call) {
        String text =
                String.valueOf(assertThrows(StatusRuntimeException.class, call).getMessage());
        assertFalse(text.isBlank());
        return text;
    }
}
