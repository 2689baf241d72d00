package io.keelson.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.agent.image.ContainerGarbagePolicy;
import io.keelson.agent.resources.topology.TopologyPolicy;
import io.keelson.agent.resources.topology.TopologyScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** A command line of the kubelet says here what it says there. */
class AgentFlagsTest {
    private static final String HEAD = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n";

    private final List<String> told = new ArrayList<>();

    @TempDir
    private Path folder;

    @Command(name = "agent", sortOptions = false)
    private static final class Sample {
        @Mixin
        private AgentFlags flags = new AgentFlags();
    }

    private static AgentFlags flags(String... arguments) {
        Sample sample = new Sample();
        new CommandLine(sample).parseArgs(arguments);
        return sample.flags;
    }

    private KubeletConfiguration read(String... arguments) throws IOException {
        return flags(arguments).configuration(told::add);
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), HEAD + text);
    }

    @Test
    void areThoseOfKubeadm() throws IOException {
        Path config = file("config.yaml", "clusterDNS: [10.96.0.10]\nclusterDomain: cluster.local\n");
        AgentFlags flags = flags(
                "--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf",
                "--kubeconfig=/etc/kubernetes/kubelet.conf",
                "--config=" + config,
                "--container-runtime-endpoint=unix:///run/containerd/containerd.sock",
                "--pod-infra-container-image=registry.k8s.io/pause:3.10",
                "--node-ip=10.0.0.1",
                "--v",
                "2");
        KubeletConfiguration read = flags.configuration(told::add);
        assertEquals(Optional.of(Path.of("/etc/kubernetes/kubelet.conf")), flags.kubeconfig());
        assertEquals(Optional.of(Path.of("/etc/kubernetes/bootstrap-kubelet.conf")), flags.bootstrapKubeconfig());
        assertEquals(List.of("10.0.0.1"), flags.nodeIps());
        assertEquals("unix:///run/containerd/containerd.sock", read.containerRuntimeEndpoint());
        assertEquals(List.of("10.96.0.10"), read.clusterDns());
        assertEquals(2, told.size(), told.toString());
        assertTrue(told.getFirst().startsWith("--pod-infra-container-image changes nothing: "), told.toString());
    }

    @Test
    void countMoreThanTheFileAndItsDropIns() throws IOException {
        Path config = file("config.yaml", """
                maxPods: 10
                port: 1111
                podsPerCore: 3
                featureGates: {A: true, B: true}
                clusterDNS: [10.0.0.1]
                authentication: {webhook: {cacheTTL: 1m}}
                kubeReserved: {cpu: "1", memory: 1Gi}
                """);
        Path dropIns = Files.createDirectory(folder.resolve("kubelet.conf.d"));
        Files.writeString(dropIns.resolve("20-second.conf"), HEAD + "port: 2222\nclusterDNS: [10.0.0.2]\n");
        Files.writeString(
                dropIns.resolve("10-first.conf"),
                HEAD + "port: 3333\npodsPerCore: null\nauthentication: {anonymous: {enabled: true}}\n");
        Files.writeString(dropIns.resolve("30-other.yaml"), "this is no drop-in");
        KubeletConfiguration read = read(
                "--config",
                config.toString(),
                "--config-dir",
                dropIns.toString(),
                "--max-pods=20",
                "--max-pods",
                "30",
                "--kube-reserved=cpu=2",
                "--feature-gates",
                "B=false,C=true");
        assertEquals(30, read.maxPods(2));
        assertEquals(2222, read.port());
        assertEquals(List.of("10.0.0.2"), read.clusterDns());
        assertEquals(Duration.ofMinutes(1), read.tokenKept());
        assertTrue(read.anonymous());
        assertEquals(List.of("cpu"), List.copyOf(read.kubeReserved().keySet()));
        assertTrue(read.isOn("A", false));
        assertFalse(read.isOn("B", true));
        assertTrue(read.isOn("C", false));
    }

    @Test
    void writeFieldsOfEveryKind() throws IOException {
        KubeletConfiguration read = read(
                "--enable-server=false",
                "--rotate-certificates",
                "--cluster-dns=10.0.0.1,10.0.0.2",
                "--eviction-hard=memory.available<1Gi,nodefs.available<5%",
                "--eviction-soft=memory.available<2Gi",
                "--eviction-soft-grace-period=memory.available=1m30s",
                "--register-with-taints=a=b:NoSchedule,c:NoExecute",
                "--oom-score-adj",
                "-500",
                "--cpu-cfs-quota-period=20ms",
                "--authorization-mode=Webhook",
                "--resolv-conf=",
                "--pod-max-pids=4096",
                "--memory-manager-policy=Static",
                "--reserved-memory=0:memory=1Gi,hugepages-2Mi=4Mi;1:memory=512Mi",
                "--reserved-memory",
                "2:memory=1Gi",
                "--topology-manager-policy=best-effort",
                "--topology-manager-scope=pod",
                "--topology-manager-policy-options=prefer-closest-numa-nodes=true");
        assertFalse(read.enableServer());
        assertTrue(read.rotateCertificates());
        assertEquals(List.of("10.0.0.1", "10.0.0.2"), read.clusterDns());
        assertEquals(Map.of("memory.available", "1Gi", "nodefs.available", "5%"), read.evictionHard());
        assertEquals(Map.of("memory.available", Duration.ofSeconds(90)), read.evictionSoftGracePeriod());
        assertEquals("b", read.registerWithTaints().getFirst().getValue());
        assertEquals("NoExecute", read.registerWithTaints().getLast().getEffect());
        assertEquals(-500, read.oomScoreAdj());
        assertEquals(Duration.ofMillis(20), read.cpuCfsQuotaPeriod());
        assertEquals("", read.resolvConf().toString());
        assertEquals(4096, read.podPidsLimit());
        assertTrue(read.exclusiveMemory());
        assertEquals(
                Map.of(
                        0, Map.of("memory", 1L << 30, "hugepages-2Mi", 4L << 20),
                        1, Map.of("memory", 512L << 20),
                        2, Map.of("memory", 1L << 30)),
                read.reservedMemory().bytes());
        assertEquals(TopologyPolicy.BEST_EFFORT, read.topologyPolicy());
        assertEquals(TopologyScope.POD, read.topologyScope());
        assertTrue(read.topologyOptions().nearest());
        assertEquals(List.of(), told);
    }

    @Test
    void takeBackMemoryThatIsReserved() throws IOException {
        assertEquals(
                Map.of(1, Map.of("memory", 1L << 20)),
                read("--reserved-memory=0:memory=1Gi", "--reserved-memory=", "--reserved-memory=1:memory=1Mi")
                        .reservedMemory()
                        .bytes());
        assertEquals(
                Map.of(),
                read("--reserved-memory=0:memory=1Gi", "--reserved-memory=")
                        .reservedMemory()
                        .bytes());
    }

    @Test
    void nameTheNode() {
        AgentFlags flags = flags(
                "--hostname-override=Node-1",
                "--node-labels=a=b,node.kubernetes.io/pool=x,topology.kubernetes.io/zone=z",
                "--node-ip=10.0.0.1,fd00::1",
                "--cloud-provider=external",
                "--root-dir=/srv/kubelet",
                "--maximum-dead-containers-per-container=2");
        assertEquals(Optional.of("node-1"), flags.hostname());
        assertEquals(
                Map.of("a", "b", "node.kubernetes.io/pool", "x", "topology.kubernetes.io/zone", "z"),
                flags.nodeLabels());
        assertEquals(List.of("10.0.0.1", "fd00::1"), flags.nodeIps());
        assertTrue(flags.externalCloud());
        assertEquals(Path.of("/srv/kubelet"), flags.rootDir());
        assertEquals(new ContainerGarbagePolicy(Duration.ZERO, 2, -1), flags.deadContainers());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --max-pods=many | invalid argument "many" for "--max-pods" flag
            --sync-frequency=soon | invalid argument "soon" for "--sync-frequency" flag
            --eviction-hard=memory.available | malformed pair
            --register-with-taints=a=b | invalid taint spec: a=b
            --register-with-taints=a=b:Never | invalid taint effect: Never
            --fail-swap-on=perhaps | must be true or false
            --read-only-port=10255 | readOnlyPort: 10255 cannot be had
            --node-labels=kubernetes.io/role=master | unknown 'kubernetes.io' or 'k8s.io' labels
            --node-labels=a=b=c | is no label
            --node-ip=localhost | it is no IP address
            --node-ip=10.0.0.1,10.0.0.2 | dual-stack pair
            --cloud-provider=gce | no cloud is built in
            --image-credential-provider-config=/x | --image-credential-provider-bin-dir need each other
            --reserved-memory=memory=1Gi | the reserved memory has incorrect format, expected \
            numaNodeID:type=quantity[,type=quantity...], got memory=1Gi
            --reserved-memory=0:memory=1Gi; | the reserved memory has incorrect format
            --reserved-memory=x:memory=1Gi | failed to convert the NUMA node ID, expected integer, got x
            --reserved-memory=0:memory | the reserved limit has incorrect value, expected type=quantity, got memory
            --reserved-memory=0:cpu=1 | memory type conversion error, unknown type: "cpu"
            --reserved-memory=0:memory=lots | failed to parse the quantity, expected quantity, got lots
            --topology-manager-policy=strict | must be one of
            --no-such-flag | unknown flag: --no-such-flag
            word | does not take any arguments, got "word"
            --config=/does/not/exist | --config: /does/not/exist cannot be read
            --config-dir=/does/not/exist | --config-dir: /does/not/exist cannot be read
            """)
    void sayWhichOfThemIsWrong(String argument, String expected) {
        Exception refusal = assertThrows(Exception.class, () -> read(argument));
        assertTrue(String.valueOf(refusal.getMessage()).contains(expected), refusal.toString());
    }

    @Test
    void nameTheFileThatIsWrong() throws IOException {
        Path dropIns = Files.createDirectory(folder.resolve("d"));
        Path wrong = Files.writeString(dropIns.resolve("10.conf"), HEAD + "maxPod: 3\n");
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> read("--config-dir", dropIns.toString()));
        assertEquals("--config-dir: " + wrong + ": unknown field \"maxPod\"", refusal.getMessage());
        Path large = file("large.yaml", "# ".repeat(600_000));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> read("--config", large.toString()))
                .toString()
                .endsWith("the file is larger than 1048576 bytes"));
    }

    @Test
    void takePathsAsRelativeToTheirFile() throws IOException {
        Path config = file("config.yaml", "staticPodPath: manifests\nauthentication: {x509: {clientCAFile: ca.crt}}\n");
        KubeletConfiguration read = read("--config", config.toString());
        assertEquals(Optional.of(folder.resolve("manifests")), read.staticPodPath());
        assertEquals(Optional.of(folder.resolve("ca.crt")), read.clientCaFile());
    }

    @Test
    void goWithAFileAsAdministratorsWriteIt() throws Exception {
        Path example = Path.of(Objects.requireNonNull(AgentFlagsTest.class.getResource("kubelet.yaml"))
                .toURI());
        KubeletConfiguration read = read("--config", example.toString());
        assertEquals(List.of(), told);
        assertEquals(Optional.of(Path.of("/etc/kubernetes/manifests")), read.staticPodPath());
        assertEquals(Path.of("/run/systemd/resolve/resolv.conf"), read.resolvConf());
        assertEquals(250, read.maxPods(2));
        assertEquals(4, read.maxParallelImagePulls().orElseThrow());
        assertEquals(Duration.ofDays(7), read.imageMaximumGcAge());
        assertEquals(50L << 20, read.containerLogMaxBytes());
        assertEquals("500Mi", read.evictionHard().get("memory.available"));
        assertEquals("15%", read.evictionHard().get("imagefs.available"));
        assertEquals(Duration.ofMinutes(1), read.evictionMaxPodGracePeriod());
        assertFalse(read.failSwapOn());
        KubeletConfiguration again =
                KubeletConfiguration.of((ObjectNode) new ObjectMapper().readTree(read.json()), told::add);
        assertEquals(read.json(), again.json());
    }

    @Test
    void areAllInTheHelp() {
        String help = new CommandLine(new Sample()).getUsageMessage();
        assertTrue(help.contains("--node-labels"), help);
        assertTrue(help.contains("--eviction-hard=NAME<VALUE"), help);
        assertTrue(help.contains("Default: 10250"), help);
    }
}
