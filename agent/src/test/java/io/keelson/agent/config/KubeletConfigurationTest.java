package io.keelson.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.agent.resources.topology.TopologyPolicy;
import io.keelson.agent.resources.topology.TopologyScope;
import io.keelson.agent.shutdown.ShutdownPlan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A KubeletConfiguration is what the original's is, or says what is wrong with it. */
class KubeletConfigurationTest {
    private static final String HEAD = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n";

    private final List<String> told = new ArrayList<>();

    private KubeletConfiguration read(String text) {
        return KubeletConfiguration.of(ConfigurationFiles.parse(HEAD + text), told::add);
    }

    private String refusal(String text) {
        return String.valueOf(
                assertThrows(IllegalArgumentException.class, () -> read(text)).getMessage());
    }

    @Test
    void hasTheOriginalsDefaults() {
        KubeletConfiguration defaults = read("");
        assertEquals("0.0.0.0", defaults.address());
        assertEquals(10250, defaults.port());
        assertTrue(defaults.enableServer());
        assertFalse(defaults.anonymous());
        assertEquals(Duration.ofMinutes(2), defaults.tokenKept());
        assertEquals(Duration.ofMinutes(5), defaults.allowedKept());
        assertEquals(Duration.ofSeconds(30), defaults.refusedKept());
        assertEquals("127.0.0.1", defaults.healthzBindAddress());
        assertEquals(10248, defaults.healthzPort());
        assertEquals(Duration.ofMinutes(1), defaults.syncFrequency());
        assertEquals(Duration.ofSeconds(20), defaults.fileCheckFrequency());
        assertEquals(Path.of("/etc/resolv.conf"), defaults.resolvConf());
        assertEquals(10L << 20, defaults.containerLogMaxBytes());
        assertEquals(5, defaults.containerLogMaxFiles());
        assertEquals(Duration.ofSeconds(10), defaults.containerLogMonitorInterval());
        assertEquals(5, defaults.registryPullQps());
        assertEquals(10, defaults.registryBurst());
        assertTrue(defaults.serializeImagePulls());
        assertEquals(85, defaults.imageGcHighThresholdPercent());
        assertEquals(80, defaults.imageGcLowThresholdPercent());
        assertEquals(110, defaults.maxPods(64));
        assertEquals(-1, defaults.podPidsLimit());
        assertEquals(Duration.ofMillis(100), defaults.cpuCfsQuotaPeriod());
        assertEquals(Optional.empty(), defaults.singleProcessOomKill());
        assertEquals(0.9, defaults.memoryThrottlingFactor());
        assertEquals(Duration.ofSeconds(10), defaults.nodeStatusUpdateFrequency());
        assertEquals(Duration.ofMinutes(5), defaults.nodeStatusReportFrequency());
        assertEquals(Duration.ofSeconds(40), defaults.nodeLeaseDuration());
        assertEquals(50, defaults.nodeStatusMaxImages());
        assertEquals(-999, defaults.oomScoreAdj());
        assertFalse(defaults.exclusiveMemory());
        assertEquals(Map.of(), defaults.reservedMemory().bytes());
        assertEquals(TopologyPolicy.NONE, defaults.topologyPolicy());
        assertEquals(TopologyScope.CONTAINER, defaults.topologyScope());
        assertEquals(new TopologyOptions(false, 8), defaults.topologyOptions());
        assertEquals(
                Map.of(
                        "memory.available", "100Mi",
                        "nodefs.available", "10%",
                        "nodefs.inodesFree", "5%",
                        "imagefs.available", "15%",
                        "imagefs.inodesFree", "5%"),
                defaults.evictionHard());
        assertEquals(List.of(), told);
    }

    @Test
    void saysWhatAFileSays() {
        KubeletConfiguration read = read("""
                address: 10.0.0.7
                clusterDNS: [10.96.0.10, "fd00::10"]
                clusterDomain: cluster.example
                syncFrequency: 90s
                kubeReserved: {cpu: 200m, memory: 1Gi}
                reservedSystemCPUs: "0,1"
                cpuManagerPolicy: static
                cpuManagerPolicyOptions: {full-pcpus-only: "true"}
                registerWithTaints: [{key: a/b, value: c, effect: NoSchedule}]
                podsPerCore: 10
                authentication: {x509: {clientCAFile: /ca.crt}, anonymous: {enabled: true}}
                featureGates: {MemoryQoS: true}
                """);
        assertEquals("10.0.0.7", read.address());
        assertEquals(List.of("10.96.0.10", "fd00::10"), read.clusterDns());
        assertEquals(Duration.ofSeconds(90), read.syncFrequency());
        assertEquals(new Quantity("200m"), read.kubeReserved().get("cpu"));
        assertEquals("0-1", read.reservedSystemCpus().toString());
        assertTrue(read.exclusiveCpus());
        assertTrue(read.exclusiveCores());
        assertEquals("a/b", read.registerWithTaints().getFirst().getKey());
        assertEquals(20, read.maxPods(2));
        assertEquals(110, read.maxPods(64));
        assertEquals(Optional.of(Path.of("/ca.crt")), read.clientCaFile());
        assertTrue(read.anonymous());
        assertTrue(read.isOn("MemoryQoS", false));
        assertTrue(read.json().contains("\"syncFrequency\":\"1m30s\""), read.json());
        assertEquals(List.of(), told);
    }

    @Test
    void saysWhatIsPlacedByNumaNodes() {
        KubeletConfiguration read = read("""
                memoryManagerPolicy: Static
                reservedMemory:
                - {numaNode: 0, limits: {memory: 1Gi, hugepages-2Mi: 4Mi}}
                - {numaNode: 1, limits: {memory: 1048576}}
                - {limits: {hugepages-1Gi: 1Gi}}
                topologyManagerPolicy: single-numa-node
                topologyManagerScope: pod
                topologyManagerPolicyOptions: {prefer-closest-numa-nodes: "True", max-allowable-numa-nodes: "12"}
                """);
        assertTrue(read.exclusiveMemory());
        assertEquals(
                Map.of(
                        0, Map.of("memory", 1L << 30, "hugepages-2Mi", 4L << 20, "hugepages-1Gi", 1L << 30),
                        1, Map.of("memory", 1L << 20)),
                read.reservedMemory().bytes());
        assertEquals(TopologyPolicy.SINGLE_NUMA_NODE, read.topologyPolicy());
        assertEquals(TopologyScope.POD, read.topologyScope());
        assertEquals(new TopologyOptions(true, 12), read.topologyOptions());
        assertEquals(List.of(), told);
    }

    @Test
    void doesNotLookAtOptionsOfATopologyPolicyThatIsNone() {
        assertEquals(
                TopologyPolicy.NONE,
                read("topologyManagerPolicyOptions: {no-such-option: x}").topologyPolicy());
    }

    @Test
    void takesNothingAndZeroForTheDefaultWhereTheOriginalDoes() {
        KubeletConfiguration read = read("""
                port: 0
                syncFrequency: 0s
                registryPullQPS: 0
                clusterDomain:
                nodeStatusUpdateFrequency: 30s
                resolvConf: ""
                healthzPort: 0
                """);
        assertEquals(10250, read.port());
        assertEquals(Duration.ofMinutes(1), read.syncFrequency());
        assertEquals(0, read.registryPullQps());
        assertEquals("", read.clusterDomain());
        assertEquals(Duration.ofSeconds(30), read.nodeStatusReportFrequency());
        assertEquals("", read.resolvConf().toString());
        assertEquals(0, read.healthzPort());
    }

    @Test
    void mergesThresholdsWithTheDefaultsOnlyIfAsked() {
        assertEquals(
                Map.of("memory.available", "1Gi"),
                read("evictionHard: {memory.available: 1Gi}").evictionHard());
        KubeletConfiguration merged = read("evictionHard: {memory.available: 1Gi}\nmergeDefaultEvictionSettings: true");
        assertEquals("1Gi", merged.evictionHard().get("memory.available"));
        assertEquals("10%", merged.evictionHard().get("nodefs.available"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            contentType: application/json | contentType changes nothing: JSON is spoken with the API
            hairpinMode: hairpin-veth | hairpinMode changes nothing: the bridge sends packets back to where they came from
            logging: {verbosity: 4} | logging.verbosity changes nothing: what is logged is what changes and what fails
            """)
    void tellsWhatChangesNothing(String text, String expected) {
        var _ = read(text);
        assertEquals(List.of(expected), told);
    }

    @Test
    void podsEndInOrderWhenTheMachineIsShutDown() {
        assertEquals(ShutdownPlan.NONE, read("").shutdown());
        assertEquals(
                new ShutdownPlan(List.of(new ShutdownPlan.Phase(0, 20), new ShutdownPlan.Phase(2_000_000_000, 10))),
                read("shutdownGracePeriod: 30s\nshutdownGracePeriodCriticalPods: 10s")
                        .shutdown());
        assertEquals(
                new ShutdownPlan(List.of(new ShutdownPlan.Phase(-1, 2), new ShutdownPlan.Phase(7, 20))),
                read("shutdownGracePeriodByPodPriority: [{priority: 7, shutdownGracePeriodSeconds: 20},"
                                + " {priority: -1, shutdownGracePeriodSeconds: 2}]")
                        .shutdown());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "readOnlyPort: 10255",
                "authorization: {mode: AlwaysAllow}",
                "authentication: {webhook: {enabled: false}}",
                "cgroupDriver: systemd",
                "memorySwap: {swapBehavior: LimitedSwap}",
                "staticPodURL: http://example.com",
                "tracing: {endpoint: \"localhost:4317\"}"
            })
    void refusesWhatCannotBeHad(String text) {
        assertTrue(refusal(text).contains("cannot be had"), refusal(text));
        assertTrue(refusal(text).startsWith(text.substring(0, text.indexOf(':'))), refusal(text));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            maxpods: 10 | unknown field "maxpods"
            authentication: {x509: {clientCaFile: /x}} | unknown field "authentication.x509.clientCaFile"
            authentication: yes please | authentication: must be an object
            maxPods: "10" | maxPods: must be a whole number
            maxPods: 1.5 | maxPods: must be a whole number
            maxPods: 99999999999 | maxPods: must be a whole number of 32 bits
            syncFrequency: 60 | syncFrequency: must be a duration
            syncFrequency: 1 minute | syncFrequency: must be a duration
            clusterDNS: 10.96.0.10 | clusterDNS: must be a list of texts
            clusterDNS: [1] | clusterDNS: must be a list of texts
            clusterDNS: [example.com] | "example.com" is no IP address
            registerWithTaints: [{key: a, efect: NoSchedule}] | registerWithTaints: must be a list of taints
            registerWithTaints: [{key: a, effect: Never}] | invalid taint effect: Never
            evictionHard: {memory.availible: 1Gi} | unsupported eviction signal memory.availible
            evictionHard: {memory.available: lots} | "lots" is no quantity
            evictionHard: {memory.available: 101%} | must be from 0% to 100%
            evictionSoft: {memory.available: 1Gi} | grace period must be specified
            kubeReserved: {gpu: "1"} | cannot reserve "gpu" resource
            kubeReserved: {cpu: 1e999999999} | must be names with texts
            kubeReserved: {cpu: "many"} | "many" is no quantity
            kubeReserved: {cpu: "-1"} | must not be negative
            containerLogMaxSize: big | "big" is no quantity
            containerLogMaxFiles: 1 | must be greater than 1
            imageGCLowThresholdPercent: 90 | must be less than
            maxParallelImagePulls: 3 | cannot be larger than 1 unless
            cpuCFSQuotaPeriod: 2s | must be between 1ms and 1sec
            cgroupRoot: /a/../b | must be an absolute path
            reservedSystemCPUs: 3-1 | unable to parse reservedSystemCPUs
            allowedUnsafeSysctls: ["vm.*"] | the sysctls "vm.*" are not known to be namespaced
            port: 70000 | must be between 1 and 65535
            tlsCertFile: /a | must be given together
            tlsMinVersion: VersionTLS10 | is not safe
            shutdownGracePeriodCriticalPods: 10s | must be <= shutdownGracePeriod
            shutdownGracePeriodByPodPriority: [{priority: 1}] | must be a list of objects with priority
            shutdownGracePeriod: 100ms | must be either zero or otherwise >= 1 sec
            podCIDR: 10.0.0.1 | is no range of addresses
            cpuManagerPolicyOptions: {align-by-socket: "true"} | cannot be had
            memoryManagerPolicy: static | unknown policy: "static"
            reservedMemory: {memory: 1Gi} | reservedMemory: must be a list of objects with numaNode
            reservedMemory: [{numaNode: zero}] | reservedMemory: must be a list of objects with numaNode
            reservedMemory: [{numaNode: 0, limits: [1Gi]}] | reservedMemory: must be a list of objects with numaNode
            reservedMemory: [{node: 0}] | reservedMemory: must be a list of objects with numaNode
            reservedMemory: [{numaNode: 3, limits: {cpu: 1}}] | the limit type "cpu" for NUMA node 3 is not supported, \
            only [memory hugepages-<HugePageSize>] is accepted
            reservedMemory: [{numaNode: 3, limits: {memory: 0}}] | reserved memory may not be zero for NUMA node 3 and \
            resource "memory"
            reservedMemory: [{limits: {memory: 1}}, {limits: {memory: 2}}] | the reserved memory has a duplicate value \
            for NUMA node 0 and resource "memory"
            reservedMemory: [{limits: {memory: -1Gi}}] | must not be negative: -1Gi
            reservedMemory: [{limits: {memory: much}}] | "much" is no quantity
            topologyManagerPolicy: strict | topologyManagerPolicy (--topology-manager-policy) "strict" must be one of: \
            ["none" "best-effort" "restricted" "single-numa-node"]
            topologyManagerScope: node | topologyManagerScope (--topology-manager-scope) "node" must be one of: \
            "container", or "pod"
            """)
    void saysWhatIsWrongAndWhere(String text, String expected) {
        assertTrue(refusal(text).contains(expected), refusal(text));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {x: y} | unknown Topology Manager Policy option: "x"
            {prefer-closest-numa-nodes: maybe} | bad value for option "prefer-closest-numa-nodes": must be true or \
            false, not "maybe"
            {max-allowable-numa-nodes: many} | unable to convert policy option to integer "max-allowable-numa-nodes"
            {max-allowable-numa-nodes: "7"} | the minimum value of "max-allowable-numa-nodes" should not be less than 8
            """)
    void saysWhatIsWrongWithOptionsOfATopologyPolicy(String options, String expected) {
        String refusal = refusal("topologyManagerPolicy: restricted\ntopologyManagerPolicyOptions: " + options);
        assertTrue(refusal.contains(expected), refusal);
    }

    @Test
    void takesNoFieldTwiceAndNoAliases() {
        assertTrue(refusal("port: 1\nport: 2").contains("failed to decode"), refusal("port: 1\nport: 2"));
        assertTrue(refusal("a: &a {}\nb: *a").contains("aliases of YAML"));
    }

    @Test
    void isOfOneKind() {
        IllegalArgumentException other = assertThrows(
                IllegalArgumentException.class, () -> ConfigurationFiles.parse("apiVersion: v1\nkind: Pod"));
        assertTrue(String.valueOf(other.getMessage()).startsWith("no kind \"Pod\" is registered for version \"v1\""));
        for (String text : List.of("", "[]", "1", "{", "\0", "- a\n- b", "x: [".repeat(100))) {
            assertThrows(IllegalArgumentException.class, () -> ConfigurationFiles.parse(text), text);
        }
    }
}
