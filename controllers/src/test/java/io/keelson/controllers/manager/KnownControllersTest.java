package io.keelson.controllers.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.testing.Figures;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Which controllers run by default, and which where features are on. */
class KnownControllersTest {
    private static final Set<String> BY_FEATURE = Set.of(
            "kube-apiserver-serving-clustertrustbundle-publisher-controller",
            "podcertificaterequest-cleaner-controller",
            "podgroup-protection-controller",
            "storage-version-migrator-controller");

    @TempDir
    private Path folder;

    /** The flags of the controllers. */
    @Command
    private static final class Flags {
        @Mixin
        private NodeFlags nodes;

        @Mixin
        private TrustFlags trust;

        @Mixin
        private ObjectFlags objects;

        @Mixin
        private FeatureFlags features;
    }

    private Set<String> chosen(String words, String... arguments) throws Exception {
        Flags flags = new Flags();
        new CommandLine(flags).parseArgs(arguments);
        List<ControllerDescriptor> known = KnownControllers.of(flags.nodes, flags.trust, flags.objects, flags.features);
        return KnownControllers.selection(known).choose(List.of(words.split(",", -1))).stream()
                .map(ControllerDescriptor::name)
                .collect(Collectors.toSet());
    }

    @Test
    void theDefaultsAreThoseOfKubernetes() throws Exception {
        Set<String> usual = chosen("*");
        assertTrue(usual.contains("device-taint-eviction-controller"));
        assertTrue(usual.contains("volumeattributesclass-protection-controller"));
        assertFalse(usual.contains("selinux-warning-controller"));
        for (String name : BY_FEATURE) {
            assertFalse(usual.contains(name), name);
            assertTrue(KnownControllers.NEED_FLAGS.contains(name), "it may be named all the same: " + name);
        }
        assertTrue(chosen("*,selinux-warning-controller").contains("selinux-warning-controller"));
    }

    @Test
    void whatCannotRunMayBeNamedByOldNamesAsWell() throws Exception {
        Set<String> usual = chosen("*");
        String words = "*,-nodeipam,-node-ipam-controller,-service-lb-controller,-cloud-node-lifecycle,-service,-route,"
                + "-csrsigning";
        Set<String> without = new HashSet<>(usual);
        without.remove("certificatesigningrequest-signing-controller");
        assertEquals(without, chosen(words));
        assertEquals(usual, chosen("*,serviceaccount-token,root-ca-cert-publisher"));
        assertFalse(chosen("*,garbagecollector", "--enable-garbage-collector=false")
                .contains("garbage-collector-controller"));
        String[] ranges = {"--allocate-node-cidrs", "--cluster-cidr=10.0.0.0/8"};
        assertTrue(chosen("*", ranges).contains("node-ipam-controller"));
        assertFalse(chosen("*,-nodeipam", ranges).contains("node-ipam-controller"), "it may, and is not to");
        String said = String.valueOf(assertThrows(IllegalArgumentException.class, () -> chosen("*,-nothing"))
                .getMessage());
        assertTrue(said.startsWith("\"nothing\" is not in the list of known controllers"), said);
    }

    @Test
    void queuesAreCalledAsThoseOfKubernetes() throws Exception {
        Map<String, String> queues = AllControllers.of().stream()
                .collect(Collectors.toMap(ControllerDescriptor::name, ControllerDescriptor::queue));
        assertEquals("deployment", queues.get("deployment-controller"));
        assertEquals("replicationmanager", queues.get("replicationcontroller-controller"));
        assertEquals("ttl_jobs_to_delete", queues.get("ttl-after-finished-controller"));
        assertEquals(queues.size(), Set.copyOf(queues.values()).size(), "no two are counted as one");
    }

    @Test
    void whichControllersRunIsSaidByAMetric() throws Exception {
        Figures figures = new Figures();
        ControllerManagerCommand.tellWhatRuns(figures.metrics(), AllControllers.of());
        assertEquals(
                1,
                figures.of("running_managed_controllers{manager=\"kube-controller-manager\",name=\"job-controller\"}"));
    }

    @Test
    void featuresBringTheirControllers() throws Exception {
        Path root = TrustFlagsTest.rootCertificates(folder);
        String gates = "--feature-gates=ClusterTrustBundle=true,GenericWorkload=true,PodCertificateRequest=true,"
                + "StorageVersionMigrator=true";
        Set<String> more = new HashSet<>(chosen("*", gates, "--root-ca-file=" + root));
        more.removeAll(chosen("*", "--root-ca-file=" + root));
        assertEquals(BY_FEATURE, more);
        assertFalse(chosen("*", "--feature-gates=DRADeviceTaints=false").contains("device-taint-eviction-controller"));
    }
}
