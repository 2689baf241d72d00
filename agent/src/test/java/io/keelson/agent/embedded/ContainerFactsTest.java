package io.keelson.agent.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.StatusRuntimeException;
import io.keelson.agent.mounts.CgroupMounts;
import io.keelson.agent.mounts.MountTable;
import io.keelson.agent.wire.cri.Capability;
import io.keelson.agent.wire.cri.ContainerState;
import io.keelson.agent.wire.cri.DNSConfig;
import io.keelson.agent.wire.cri.Int64Value;
import io.keelson.agent.wire.cri.LinuxContainerSecurityContext;
import io.keelson.agent.wire.cri.NamespaceMode;
import io.keelson.agent.wire.cri.NamespaceOption;
import io.keelson.agent.wire.cri.Signal;
import io.keelson.agent.wire.cri.SupplementalGroupsPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is worked out of a container's config before the kernel is asked for anything. */
class ContainerFactsTest {
    private static final long EVERYTHING = 0x1FF_FFFF_FFFFL;

    @TempDir
    private Path root;

    private static Capability.Builder capabilities() {
        return Capability.newBuilder();
    }

    @Test
    void capabilitiesAreAddedAndDroppedFromTheUsualOnes() {
        assertEquals(
                0xA80425FBL,
                Capabilities.of(false, Capability.getDefaultInstance(), EVERYTHING)
                        .held());
        assertEquals(
                0x400,
                Capabilities.of(
                                false,
                                capabilities()
                                        .addDropCapabilities("ALL")
                                        .addAddCapabilities("NET_BIND_SERVICE")
                                        .build(),
                                EVERYTHING)
                        .held());
        assertEquals(
                EVERYTHING & ~(1L << 13),
                Capabilities.of(
                                false,
                                capabilities()
                                        .addAddCapabilities("all")
                                        .addDropCapabilities("cap_net_raw")
                                        .build(),
                                EVERYTHING)
                        .held());
        assertEquals(
                EVERYTHING,
                Capabilities.of(true, Capability.getDefaultInstance(), EVERYTHING)
                        .held());
        Capabilities ambient = Capabilities.of(
                false, capabilities().addAddAmbientCapabilities("SYS_TIME").build(), EVERYTHING);
        assertTrue(ambient.has("SYS_TIME") && ambient.ambient() == 1L << 25);
        assertFalse(Capabilities.of(
                        false, capabilities().addAddCapabilities("SYS_RESOURCE").build(), EVERYTHING & ~(1L << 24))
                .has("SYS_RESOURCE"));
        assertThrows(
                StatusRuntimeException.class,
                () -> Capabilities.of(
                        false, capabilities().addAddCapabilities("FLY").build(), EVERYTHING));
    }

    @Test
    void usersAndGroupsAreLookedUpInTheImage() throws Exception {
        Files.createDirectories(root.resolve("etc"));
        Files.writeString(
                root.resolve("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nweb:x:101:102:w:/srv:/bin/sh\nbad\n");
        Files.writeString(root.resolve("etc/group"), "web:x:102:\nextra:x:300:a,web\nworse:x:y:web\n");
        var none = LinuxContainerSecurityContext.getDefaultInstance();
        assertEquals(new ContainerIdentity(0, 0, List.of(0L), "/root"), ContainerIdentity.resolve(root, none, ""));
        assertEquals(
                new ContainerIdentity(101, 102, List.of(102L, 300L), "/srv"),
                ContainerIdentity.resolve(root, none, "web"));
        assertEquals(
                new ContainerIdentity(101, 300, List.of(300L), "/srv"),
                ContainerIdentity.resolve(
                        root,
                        none.toBuilder()
                                .setSupplementalGroupsPolicy(SupplementalGroupsPolicy.Strict)
                                .build(),
                        "101:extra"));
        assertEquals(
                new ContainerIdentity(7, 8, List.of(8L, 9L), "/"),
                ContainerIdentity.resolve(
                        root,
                        none.toBuilder()
                                .setRunAsUser(Int64Value.newBuilder().setValue(7))
                                .setRunAsGroup(Int64Value.newBuilder().setValue(8))
                                .addSupplementalGroups(9)
                                .build(),
                        "web"));
        assertThrows(StatusRuntimeException.class, () -> ContainerIdentity.resolve(root, none, "nobody"));
        assertThrows(StatusRuntimeException.class, () -> ContainerIdentity.resolve(root, none, "web:nobody"));
    }

    @Test
    void linksStayInTheRoot() throws Exception {
        Files.createDirectories(root.resolve("a/b"));
        Files.createSymbolicLink(root.resolve("up"), Path.of("../../../.."));
        Files.createSymbolicLink(root.resolve("a/absolute"), Path.of("/a/b"));
        Files.createSymbolicLink(root.resolve("circle"), Path.of("circle"));
        assertEquals(root.resolve("etc/passwd"), RootPaths.resolve(root, "/up/etc/passwd"));
        assertEquals(root.resolve("a/b/c"), RootPaths.resolve(root, "/a/absolute/c"));
        assertEquals(root, RootPaths.resolve(root, "../../x/../.."));
        assertThrows(IOException.class, () -> RootPaths.resolve(root, "/circle/x"));
    }

    @Test
    void signalsHaveTheNumbersOfLinux() {
        assertEquals(15, Signals.stop(Signal.RUNTIME_DEFAULT, ""));
        assertEquals(3, Signals.stop(Signal.RUNTIME_DEFAULT, "SIGQUIT"));
        assertEquals(10, Signals.stop(Signal.RUNTIME_DEFAULT, "10"));
        assertEquals(15, Signals.stop(Signal.RUNTIME_DEFAULT, "99"));
        assertEquals(10, Signals.stop(Signal.SIGUSR1, "SIGQUIT"));
        assertEquals(37, Signals.stop(Signal.SIGRTMINPLUS3, ""));
        assertEquals(50, Signals.stop(Signal.SIGRTMAXMINUS14, ""));
        for (Signal signal : Signal.values()) {
            if (signal != Signal.RUNTIME_DEFAULT && signal != Signal.UNRECOGNIZED) {
                int number = Signals.stop(signal, "");
                assertEquals(number, Signals.stop(Signals.named(number), ""));
            }
        }
    }

    private static CgroupMounts cgroups(String... lines) {
        return CgroupMounts.of(MountTable.parse(String.join("\n", lines)));
    }

    @Test
    void cgroupsAreFoundWhereTheyAreMounted() {
        CgroupMounts hybrid = cgroups(
                "30 20 0:26 / /sys/fs/cgroup rw,nosuid - tmpfs tmpfs ro,mode=755",
                "31 30 0:27 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct",
                "32 30 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory",
                "33 30 0:29 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd",
                "34 30 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
                "damaged",
                "1 2 - x");
        assertFalse(hybrid.isUnified());
        assertEquals(
                List.of(
                        Path.of("/sys/fs/cgroup/cpu,cpuacct/a/b"),
                        Path.of("/sys/fs/cgroup/memory/a/b"),
                        Path.of("/sys/fs/cgroup/systemd/a/b"),
                        Path.of("/sys/fs/cgroup/unified/a/b")),
                hybrid.folders("/a/b"));
        assertEquals(Optional.of(Path.of("/sys/fs/cgroup/memory/a/one")), hybrid.file("/a", "memory", "one", "two"));
        assertEquals(Optional.empty(), hybrid.file("/a", "pids", "one", "two"));
        CgroupMounts pure = cgroups("31 30 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw");
        assertTrue(pure.isUnified());
        assertEquals(Optional.of(Path.of("/sys/fs/cgroup/a/two")), pure.file("/a", "memory", "one", "two"));
        assertEquals(1, ContainerCgroups.weight(2));
        assertEquals(39, ContainerCgroups.weight(1024));
        assertEquals(10_000, ContainerCgroups.weight(Long.MAX_VALUE));
        assertThrows(StatusRuntimeException.class, () -> ContainerCgroups.checked("/a/../b"));
    }

    @Test
    void runsAreWrittenDownAndReadAgain() throws Exception {
        Run run = new Run(ContainerState.CONTAINER_EXITED, 0, 5, 6, 7, "Error", "two\nlines = # and ü");
        Path file = root.resolve("record");
        Records.write(file, run.toRecord());
        assertEquals(run, Run.ofRecord(Records.read(file)));
        Files.writeString(file, "state=nonsense\npid=x\n\\u00g");
        assertEquals(Map.of(), Records.read(file));
        assertEquals(Map.of(), Records.read(root.resolve("missing")));
    }

    @Test
    void onlySettingsThatThePodHasForItselfAreMade() {
        NamespaceOption own = NamespaceOption.getDefaultInstance();
        assertEquals("net/ipv4/ip_forward", Sysctls.file("net.ipv4.ip_forward", own));
        assertEquals("net/ipv4/conf/eth0.1/forwarding", Sysctls.file("net/ipv4/conf/eth0.1/forwarding", own));
        assertEquals("kernel/shmmax", Sysctls.file("kernel.shmmax", own));
        NamespaceOption node = NamespaceOption.newBuilder()
                .setNetwork(NamespaceMode.NODE)
                .setIpc(NamespaceMode.NODE)
                .build();
        for (String name : List.of("net.ipv4.ip_forward", "kernel.shmmax")) {
            assertThrows(StatusRuntimeException.class, () -> Sysctls.file(name, node));
        }
        for (String name :
                List.of("vm.swappiness", "kernel.panic", "net", "net..x", "net/../vm/x", "/net/x", "net.a=b")) {
            assertThrows(StatusRuntimeException.class, () -> Sysctls.file(name, own), name);
        }
    }

    @Test
    void resolverFilesAreAsAsked() {
        assertEquals(
                "search a.b c\nnameserver 10.0.0.10\noptions ndots:5 x\n",
                PodFileWriter.resolv(DNSConfig.newBuilder()
                        .addServers("10.0.0.10")
                        .addSearches("a.b")
                        .addSearches("c")
                        .addOptions("ndots:5")
                        .addOptions("x")
                        .build()));
    }

    @Test
    void fieldsOfRequestsAreReadAsTheyWereWritten() throws Exception {
        byte[] bytes = new ShimFields()
                .text(ShimTag.ID, "ü")
                .number(ShimTag.PID, -5)
                .fields(ShimTag.CONTAINER, new ShimFields().number(ShimTag.CODE, 3))
                .toBytes();
        List<ShimFields.Field> fields = ShimFields.read(bytes);
        assertEquals("ü", ShimFields.text(fields, ShimTag.ID));
        assertEquals(-5, ShimFields.number(fields, ShimTag.PID));
        assertEquals(3, ShimFields.number(ShimFields.read(fields.get(2).value()), ShimTag.CODE));
        assertThrows(IllegalArgumentException.class, () -> new ShimFields().text(ShimTag.ID, "a\0b"));
        for (int length = 1; length < bytes.length; length++) {
            byte[] part = Arrays.copyOf(bytes, length);
            if (length != 11 && length != 27) {
                assertThrows(IOException.class, () -> ShimFields.read(part), "of " + length);
            }
        }
    }
}
