package io.keelson.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.keelson.controllers.testing.TestCluster;
import io.keelson.scheduler.config.ConfigurationFile;
import io.keelson.scheduler.config.SchedulerConfiguration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProfilesTest {
    private final TestScheduler test = new TestScheduler();

    @AfterEach
    void close() {
        test.close();
    }

    private static SchedulerSettings settings(String profiles) {
        SchedulerConfiguration configuration =
                ConfigurationFile.parse("apiVersion: " + SchedulerConfiguration.API_VERSION + "\nkind: "
                        + SchedulerConfiguration.KIND + "\nprofiles:\n" + profiles);
        return SchedulerSettings.of(configuration, 0);
    }

    @Test
    void twoProfilesOnOneClusterEachDecideByTheirOwnRules() throws InterruptedException {
        String left = test.node("4", Map.of("pool", "left"));
        String right = test.node("4", Map.of("pool", "right"));
        test.settings = usual -> settings("""
            - schedulerName: %1$s
              pluginConfig:
              - name: NodeAffinity
                args:
                  addedAffinity:
                    requiredDuringSchedulingIgnoredDuringExecution:
                      nodeSelectorTerms:
                      - matchExpressions: [{key: pool, operator: In, values: [left]}]
            - schedulerName: %1$s-data
              plugins:
                score:
                  disabled: [{name: "*"}]
                  enabled: [{name: DataLocality}]
            """.formatted(test.name));
        test.edit(
                right,
                node -> new NodeBuilder(node)
                        .editMetadata()
                        .addToAnnotations("scheduling.keelson.io/data-sets", "other, genomes")
                        .endMetadata()
                        .build());
        test.start();
        for (int i = 0; i < 3; i++) {
            test.pod("left-" + i, "1");
            test.create(test.build("data-" + i, "1")
                    .editMetadata()
                    .addToAnnotations("scheduling.keelson.io/data-sets", "genomes")
                    .endMetadata()
                    .editSpec()
                    .withSchedulerName(test.name + "-data")
                    .endSpec()
                    .build());
        }
        for (int i = 0; i < 3; i++) {
            test.awaitBound("left-" + i, "data-" + i);
            assertEquals(left, test.nodeOf("left-" + i));
            assertEquals(right, test.nodeOf("data-" + i));
        }
        // What one profile has bound counts for the other.
        test.pod("large", "2");
        test.awaitCondition(
                "large",
                "Unschedulable",
                "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match scheduler-enforced node affinity."
                        + " no new claims to deallocate, preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1"
                        + " Preemption is not helpful for scheduling.");
    }

    @Test
    void aPodGoesToWhereItsVolumeIsAttachedIfDataLocalityCounts() throws InterruptedException {
        test.node("8", Map.of());
        String attached = test.node("8", Map.of());
        test.client
                .nodes()
                .withName(attached)
                .editStatus(node -> new NodeBuilder(node)
                        .editStatus()
                        .addNewVolumesAttached("", "kubernetes.io/csi/example.com^" + test.name)
                        .endStatus()
                        .build());
        PersistentVolume volume = new PersistentVolumeBuilder()
                .withNewMetadata()
                .withName(test.name)
                .endMetadata()
                .withNewSpec()
                .withCapacity(Map.of("storage", new Quantity("1Gi")))
                .withAccessModes("ReadWriteMany")
                .withStorageClassName("")
                .withNewCsi()
                .withDriver("example.com")
                .withVolumeHandle(test.name)
                .endCsi()
                .withNewClaimRef()
                .withNamespace(test.namespace)
                .withName("data")
                .endClaimRef()
                .endSpec()
                .build();
        test.client.resource(volume).create();
        test.client
                .resource(new PersistentVolumeClaimBuilder()
                        .withNewMetadata()
                        .withName("data")
                        .withNamespace(test.namespace)
                        .addToAnnotations("pv.kubernetes.io/bind-completed", "yes")
                        .endMetadata()
                        .withNewSpec()
                        .withStorageClassName("")
                        .withVolumeName(test.name)
                        .withAccessModes("ReadWriteMany")
                        .withNewResources()
                        .withRequests(Map.of("storage", new Quantity("1Gi")))
                        .endResources()
                        .endSpec()
                        .build())
                .create();
        test.settings = usual -> settings("""
            - schedulerName: %s
              plugins:
                multiPoint:
                  enabled: [{name: DataLocality, weight: 1000}]
            """.formatted(test.name));
        test.start();
        for (int i = 0; i < 4; i++) {
            test.create(test.build("pod-" + i, "1")
                    .editSpec()
                    .addNewVolume()
                    .withName("data")
                    .withNewPersistentVolumeClaim("data", false)
                    .endVolume()
                    .endSpec()
                    .build());
        }
        for (int i = 0; i < 4; i++) {
            test.awaitBound("pod-" + i);
            assertEquals(attached, test.nodeOf("pod-" + i));
        }
    }

    @Test
    void podsOfAServiceAreSpreadThoughTheyDoNotSayIt() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            test.node("4", Map.of("kubernetes.io/hostname", "host-" + i));
        }
        // The fullest node would be the best by all other rules.
        test.settings = usual -> settings("""
            - schedulerName: %s
              plugins:
                score:
                  disabled: [{name: "*"}]
                  enabled: [{name: PodTopologySpread, weight: 2}, {name: NodeResourcesFit}]
              pluginConfig:
              - name: NodeResourcesFit
                args: {scoringStrategy: {type: MostAllocated}}
            """.formatted(test.name));
        test.client
                .resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withName("web")
                        .withNamespace(test.namespace)
                        .endMetadata()
                        .withNewSpec()
                        .withClusterIP("None")
                        .withSelector(Map.of("app", "web"))
                        .endSpec()
                        .build())
                .create();
        test.start();
        Set<String> nodes = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            test.create(test.build("web-" + i, "1")
                    .editMetadata()
                    .addToLabels("app", "web")
                    .endMetadata()
                    .build());
            test.awaitBound("web-" + i);
            nodes.add(test.nodeOf("web-" + i));
        }
        assertEquals(3, nodes.size());
        Set<String> packed = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            test.pod("alone-" + i, "1");
            test.awaitBound("alone-" + i);
            packed.add(test.nodeOf("alone-" + i));
        }
        assertEquals(1, packed.size());
        TestCluster.await("nothing waits", () -> test.metrics.pending().active() == 0);
    }

    @Test
    void aProfileThatAsksForWhatThereIsNotIsRefused() {
        for (String plugins : List.of(
                "filter: {enabled: [{name: Nothing}]}",
                "filter: {enabled: [{name: ImageLocality}]}",
                "score: {enabled: [{name: ImageLocality}, {name: ImageLocality}]}",
                "multiPoint: {disabled: [{name: '*'}]}",
                "bind: {disabled: [{name: DefaultBinder}]}",
                "queueSort: {disabled: [{name: PrioritySort}]}",
                "score: {enabled: [{name: ImageLocality, weight: 2147483647}]}")) {
            SchedulerSettings settings = settings("- plugins: {" + plugins + "}\n");
            IllegalArgumentException problem =
                    assertThrows(IllegalArgumentException.class, () -> Scheduler.check(settings), plugins);
            assertTrue(String.valueOf(problem.getMessage()).length() > 10);
        }
    }

    @Test
    void aProfileThatSaysNothingHasTheDefaultsInTheirOrder() {
        Plugins plugins = DefaultPlugins.make();
        assertEquals(
                List.of(
                        "NodeUnschedulable",
                        "NodeName",
                        "TaintToleration",
                        "NodeAffinity",
                        "NodePorts",
                        "NodeResourcesFit",
                        "VolumeRestrictions",
                        "NodeVolumeLimits",
                        "VolumeBinding",
                        "VolumeZone",
                        "PodTopologySpread",
                        "InterPodAffinity",
                        "DynamicResources",
                        "NodeDeclaredFeatures"),
                plugins.filters().stream().map(each -> each.name()).toList());
        assertEquals(
                List.of(3, 2, 1, 1, 2, 2, 2, 1, 1),
                plugins.scores().stream().map(each -> each.weight()).toList());
    }
}
