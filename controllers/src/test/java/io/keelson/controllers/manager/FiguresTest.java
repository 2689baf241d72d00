package io.keelson.controllers.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.keelson.controllers.cronjob.CronJobController;
import io.keelson.controllers.endpointslice.EndpointSliceController;
import io.keelson.controllers.garbagecollector.GarbageCollectorController;
import io.keelson.controllers.job.JobController;
import io.keelson.controllers.nodelifecycle.NodeLifecycleController;
import io.keelson.controllers.replicaset.ReplicaSetController;
import io.keelson.controllers.resourceclaim.ResourceClaimController;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.tainteviction.TaintEvictionController;
import io.keelson.controllers.testing.Figures;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import io.keelson.controllers.testing.TestNodes;
import io.keelson.controllers.ttlafterfinished.TtlAfterFinishedController;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What controllers count is what happened. On a server of its own, where nothing else does. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FiguresTest {
    private final Figures figures = new Figures();
    private final ManualTime time = new ManualTime(Instant.now());
    private final List<AutoCloseable> running = new ArrayList<>();
    private TestCluster cluster;
    private TestNodes nodes;

    @BeforeAll
    void start() {
        cluster = TestCluster.alone();
        nodes = new TestNodes(cluster.client());
    }

    @AfterEach
    void end() throws Exception {
        for (AutoCloseable each : running) {
            each.close();
        }
        running.clear();
    }

    @AfterAll
    void close() {
        cluster.close();
    }

    @Test
    void ofJobs() throws Exception {
        running.add(cluster.run(
                Time.system(), figures.metrics(), JobController.descriptor(), TtlAfterFinishedController.descriptor()));
        String namespace = cluster.namespace();
        cluster.create(namespace, """
                apiVersion: batch/v1
                kind: Job
                metadata: {name: work}
                spec:
                  completions: 2
                  parallelism: 2
                  completionMode: Indexed
                  ttlSecondsAfterFinished: 0
                  template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}
                """);
        cluster.create(namespace, """
                apiVersion: batch/v1
                kind: Job
                metadata: {name: elsewhere}
                spec:
                  managedBy: example.com/other
                  template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}
                """);
        TestCluster.await("there are pods", () -> cluster.pods(namespace).size() == 2);
        for (Pod pod : cluster.pods(namespace)) {
            cluster.ended(pod, "Succeeded");
        }
        figures.await(
                1,
                "job_controller_jobs_finished_total{completion_mode=\"Indexed\","
                        + "reason=\"CompletionsReached\",result=\"succeeded\"}");
        figures.await(1, "ttl_after_finished_controller_job_deletion_duration_seconds_count");
        assertEquals(
                2,
                figures.of("job_controller_job_pods_finished_total{completion_mode=\"Indexed\",result=\"succeeded\"}"));
        assertEquals(
                2,
                figures.of("job_controller_job_finished_indexes_total{backoffLimit=\"global\",status=\"succeeded\"}"));
        assertEquals(2, figures.of("job_controller_job_pods_creation_total{reason=\"new\",status=\"succeeded\"}"));
        figures.await(2, "job_controller_terminated_pods_tracking_finalizer_total{event=\"delete\"}");
        assertEquals(2, figures.of("job_controller_terminated_pods_tracking_finalizer_total{event=\"add\"}"));
        assertEquals(
                1,
                figures.of("job_controller_jobs_by_external_controller_total{controller_name=\"example.com/other\"}"));
        for (String action : List.of("pods_created", "tracking")) {
            String labels = "{action=\"" + action + "\",completion_mode=\"Indexed\",result=\"success\"}";
            figures.await(1, "job_controller_job_syncs_total" + labels);
            figures.await(1, "job_controller_job_sync_duration_seconds_count" + labels);
        }
    }

    @Test
    void ofReplicaSets() throws Exception {
        running.add(cluster.run(Time.system(), figures.metrics(), ReplicaSetController.descriptor()));
        String namespace = cluster.namespace();
        cluster.create(namespace, """
                apiVersion: apps/v1
                kind: ReplicaSet
                metadata: {name: web}
                spec:
                  replicas: 3
                  selector: {matchLabels: {app: web}}
                  template:
                    metadata: {labels: {app: web}}
                    spec: {containers: [{name: c, image: i}]}
                """);
        TestCluster.await("there are pods", () -> cluster.pods(namespace).size() == 3);
        for (Pod pod : cluster.pods(namespace)) {
            cluster.ready(pod, Instant.now());
        }
        // Who was made in this very moment has no age to compare with.
        TestCluster.await(
                "they have an age",
                () -> cluster.pods(namespace).stream()
                        .allMatch(pod -> Instant.parse(pod.getMetadata().getCreationTimestamp())
                                .isBefore(Instant.now().minusSeconds(1))));
        cluster.client()
                .apps()
                .replicaSets()
                .inNamespace(namespace)
                .withName("web")
                .scale(1);
        figures.await(2, "replicaset_controller_sorting_deletion_age_ratio_count");
    }

    @Test
    void ofResourceClaims() throws Exception {
        running.add(cluster.run(Time.system(), figures.metrics(), ResourceClaimController.descriptor()));
        String namespace = cluster.namespace();
        cluster.create(namespace, """
                apiVersion: resource.k8s.io/v1
                kind: ResourceClaimTemplate
                metadata: {name: t}
                spec: {spec: {devices: {requests: [{name: r, exactly: {deviceClassName: gpu.example.com}}]}}}
                """);
        cluster.create(namespace, """
                apiVersion: resource.k8s.io/v1
                kind: ResourceClaim
                metadata: {name: own}
                spec: {devices: {requests: [{name: r, exactly: {deviceClassName: gpu.example.com}}]}}
                """);
        cluster.create(namespace, """
                apiVersion: v1
                kind: Pod
                metadata: {name: p}
                spec:
                  containers: [{name: c, image: busybox, resources: {claims: [{name: gpu}]}}]
                  resourceClaims: [{name: gpu, resourceClaimTemplateName: t}]
                """);
        figures.await(1, "resourceclaim_controller_creates_total{admin_access=\"false\",status=\"success\"}");
        String claims = "resourceclaim_controller_resource_claims{admin_access=\"false\",allocated=\"false\",source=\"";
        figures.await(1, claims + "resource_claim_template\"}");
        figures.await(1, claims + "\"}");
    }

    @Test
    void ofCronJobs() throws Exception {
        running.add(cluster.run(time, figures.metrics(), CronJobController.descriptor()));
        cluster.create(cluster.namespace(), """
                apiVersion: batch/v1
                kind: CronJob
                metadata: {name: often}
                spec:
                  schedule: "* * * * *"
                  jobTemplate:
                    # Its pods would be counted with those of the other Jobs.
                    spec: {suspend: true, template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}
                """);
        TestCluster.await("it has run", () -> {
            time.advance(Duration.ofSeconds(5));
            return figures.of("cronjob_controller_job_creation_skew_duration_seconds_count") > 0;
        });
    }

    @Test
    void ofEndpointSlices() throws Exception {
        running.add(cluster.run(Time.system(), figures.metrics(), EndpointSliceController.descriptor()));
        String namespace = cluster.namespace();
        String node = nodes.create(Map.of());
        Pod pod =
                nodes.create(new PodBuilder(TestNodes.pod(namespace, "a", node).build())
                        .editMetadata()
                        .addToLabels("app", "a")
                        .endMetadata()
                        .editSpec()
                        .endSpec());
        cluster.client()
                .resource(pod)
                .editStatus(now -> new PodBuilder(now)
                        .editOrNewStatus()
                        .withPhase("Running")
                        .withPodIP("10.1.2.3")
                        .withPodIPs(List.of())
                        .addNewPodIP("10.1.2.3")
                        .endStatus()
                        .build());
        cluster.create(namespace, """
                apiVersion: v1
                kind: Service
                metadata: {name: a}
                spec: {selector: {app: a}, ports: [{port: 80}], trafficDistribution: PreferSameZone}
                """);
        String prefix = "endpoint_slice_controller_";
        figures.await(1, prefix + "num_endpoint_slices");
        assertEquals(1, figures.of(prefix + "desired_endpoint_slices"));
        assertEquals(1, figures.of(prefix + "endpoints_desired"));
        figures.await(1, prefix + "changes{operation=\"create\"}");
        figures.await(1, prefix + "endpoints_added_per_sync_sum");
        figures.await(1, prefix + "syncs{result=\"success\"}");
        figures.await(
                1,
                prefix + "endpointslices_changed_per_sync_sum{topology=\"Disabled\","
                        + "traffic_distribution=\"PreferSameZone\"}");
        assertEquals(
                1,
                figures.of(prefix + "services_count_by_traffic_distribution{traffic_distribution=\"PreferSameZone\"}"));
        cluster.client().services().inNamespace(namespace).withName("a").delete();
        TestCluster.await("it is forgotten", () -> figures.of(prefix + "num_endpoint_slices") == 0);
    }

    @Test
    void ofNodes() throws Exception {
        Map<String, String> zone = Map.of("topology.kubernetes.io/zone", "z");
        List<String> names = List.of(nodes.create(zone), nodes.create(zone), nodes.create(zone), nodes.create(zone));
        for (String name : names) {
            nodes.post(name, "Ready", name.equals(names.getLast()) ? "False" : "True", time.instant());
        }
        running.add(cluster.run(
                time, figures.metrics(), NodeLifecycleController.descriptor(), TaintEvictionController.descriptor()));
        String namespace = cluster.namespace();
        nodes.create(
                new PodBuilder(TestNodes.pod(namespace, "lost", names.getLast()).build())
                        .editSpec()
                        .addNewToleration()
                        .withKey("node.kubernetes.io/not-ready")
                        .withOperator("Exists")
                        .withEffect("NoExecute")
                        .withTolerationSeconds(0L)
                        .endToleration()
                        .endSpec());
        String labels = "{zone=\":\0:z\"}";
        TestCluster.await("one is given up", () -> {
            time.advance(Duration.ofSeconds(1));
            return figures.of("node_collector_evictions_total" + labels) == 1;
        });
        assertEquals(4, figures.of("node_collector_zone_size" + labels));
        assertEquals(75, figures.of("node_collector_zone_health" + labels));
        assertEquals(1, figures.of("node_collector_unhealthy_nodes_in_zone" + labels));
        figures.await(4, "node_collector_update_node_health_duration_seconds_count");
        figures.await(1, "node_collector_update_all_nodes_health_duration_seconds_count");
        TestCluster.await("its pod goes", () -> {
            time.advance(Duration.ofSeconds(1));
            return figures.of("taint_eviction_controller_pod_deletions_total") == 1;
        });
        figures.await(1, "taint_eviction_controller_pod_deletion_duration_seconds_count");
    }

    @Test
    void ofTheGarbageCollector() throws Exception {
        running.add(cluster.run(Time.system(), figures.metrics(), GarbageCollectorController.descriptor()));
        assertEquals(0, figures.of("garbagecollector_controller_resources_sync_error_total"));
        running.getLast().close();
        cluster.client().resource("""
                        apiVersion: apiregistration.k8s.io/v1
                        kind: APIService
                        metadata: {name: v1.nowhere.example.com}
                        spec:
                          group: nowhere.example.com
                          version: v1
                          groupPriorityMinimum: 100
                          versionPriority: 100
                          insecureSkipTLSVerify: true
                          service: {name: nowhere, namespace: default}
                        """).create();
        running.add(() -> cluster.client()
                .apiServices()
                .withName("v1.nowhere.example.com")
                .delete());
        running.add(cluster.run(Time.system(), figures.metrics(), GarbageCollectorController.descriptor()));
        figures.await(1, "garbagecollector_controller_resources_sync_error_total");
    }
}
