package io.keelson.apiserver.printing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Yaml;
import io.keelson.apiserver.resource.Column;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ColumnsTest {
    private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
    private static final String CREATED = "creationTimestamp: '2026-05-01T11:00:00Z'";

    private static ObjectNode read(String yaml) {
        return Yaml.parseObject(yaml.getBytes(StandardCharsets.UTF_8), new ArrayList<>());
    }

    private static String row(List<Column> columns, String yaml) {
        ObjectNode object = read(yaml);
        return columns.stream()
                .map(column -> column.cell().of(object, NOW).asText())
                .collect(Collectors.joining(" | "));
    }

    private static String names(List<Column> columns) {
        return columns.stream()
                .map(column -> column.priority() == 0 ? column.name() : "(" + column.name() + ")")
                .collect(Collectors.joining(", "));
    }

    @Test
    void haveTheNamesThatEverybodyKnows() {
        assertEquals(
                "Name, Ready, Status, Restarts, Age, (IP), (Node), (Nominated Node), (Readiness Gates)",
                names(PodColumns.PODS));
        assertEquals(
                "Name, Ready, Up-to-date, Available, Age, (Containers), (Images), (Selector)",
                names(WorkloadColumns.DEPLOYMENTS));
        assertEquals(
                "Name, Status, Roles, Age, Version, (Internal-IP), (External-IP), (OS-Image), (Kernel-Version), "
                        + "(Container-Runtime)",
                names(ClusterColumns.NODES));
        assertEquals("Name, Type, Cluster-IP, External-IP, Port(s), Age, (Selector)", names(NetworkColumns.SERVICES));
        assertEquals(
                "Last Seen, Type, Reason, Object, (Subobject), (Source), Message, (First Seen), (Count), (Name)",
                names(ClusterColumns.EVENTS));
    }

    /** Status of containers, shortened: what a pod with one container says of it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{phase: Pending} | Pending",
                "{phase: Failed, reason: Evicted} | Evicted",
                "{phase: Pending, containerStatuses: [{state: {waiting: {reason: ContainerCreating}}}]} | ContainerCreating",
                "{phase: Running, containerStatuses: [{state: {waiting: {reason: CrashLoopBackOff}}, restartCount: 3}]} | CrashLoopBackOff",
                "{phase: Succeeded, containerStatuses: [{state: {terminated: {reason: Completed, exitCode: 0}}}]} | Completed",
                "{phase: Failed, containerStatuses: [{state: {terminated: {exitCode: 2}}}]} | ExitCode:2",
                "{phase: Failed, containerStatuses: [{state: {terminated: {signal: 9}}}]} | Signal:9",
                "{phase: Running, containerStatuses: [{ready: true, state: {running: {}}}]} | Running",
                "{phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: SchedulingGated}]} | SchedulingGated",
            })
    void saysHowAPodIs(String status, String text) {
        String row = row(
                PodColumns.PODS, "{metadata: {name: web}, spec: {containers: [{name: a}]}, status: " + status + "}");
        assertEquals(text, row.split(" \\| ", -1)[2]);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[{state: {waiting: {reason: PodInitializing}}}] | Init:0/2",
                "[{state: {terminated: {exitCode: 0}}}, {state: {running: {}}}] | Init:1/2",
                "[{state: {waiting: {reason: CrashLoopBackOff}}}] | Init:CrashLoopBackOff",
                "[{state: {terminated: {exitCode: 1}}}] | Init:ExitCode:1",
                "[{state: {terminated: {exitCode: 1, reason: Error}}}] | Init:Error",
                "[{state: {terminated: {exitCode: 1, signal: 9}}}] | Init:Signal:9",
            })
    void saysHowFarAPodHasBegun(String statuses, String text) {
        String row = row(
                PodColumns.PODS,
                "{metadata: {name: web}, spec: {containers: [{name: a}], initContainers: [{name: i}, {name: j}]}, "
                        + "status: {phase: Pending, initContainerStatuses: " + statuses + "}}");
        assertEquals(text, row.split(" \\| ", -1)[2]);
    }

    @Test
    void aPodThatIsBeingDeletedTerminates() {
        String pod =
                "{metadata: {name: web, deletionTimestamp: '2026-05-01T11:59:00Z'}, spec: {containers: [{name: a}]}, "
                        + "status: {phase: Running, reason: X}}";
        assertEquals("Terminating", row(PodColumns.PODS, pod).split(" \\| ", -1)[2]);
        assertEquals(
                "Unknown",
                row(PodColumns.PODS, pod.replace("reason: X", "reason: NodeLost"))
                        .split(" \\| ", -1)[2]);
    }

    @Test
    void aPodTellsOfItsRestartsAndWhereItIs() {
        assertEquals(
                "web | 1/2 | Running | 3 (5m ago) | 60m | 10.1.0.7 | one | <none> | <none>",
                row(PodColumns.PODS, """
                        metadata: {name: web, CREATED}
                        spec: {nodeName: one, containers: [{name: a}, {name: b}]}
                        status:
                          phase: Running
                          podIPs: [{ip: 10.1.0.7}]
                          conditions: [{type: Ready, status: 'True'}]
                          containerStatuses:
                          - {name: a, ready: true, restartCount: 3, state: {running: {}},
                             lastState: {terminated: {finishedAt: '2026-05-01T11:55:00Z'}}}
                          - {name: b, ready: false, state: {running: {}}}
                        """.replace("CREATED", CREATED)));
    }

    @Test
    void aDeploymentTellsHowManyAreReady() {
        assertEquals(
                "web | 2/3 | 3 | 2 | 60m | main,side | nginx,proxy | app=web",
                row(WorkloadColumns.DEPLOYMENTS, """
                        metadata: {name: web, CREATED}
                        spec:
                          replicas: 3
                          selector: {matchLabels: {app: web}}
                          template: {spec: {containers: [{name: main, image: nginx}, {name: side, image: proxy}]}}
                        status: {readyReplicas: 2, updatedReplicas: 3, availableReplicas: 2}
                        """.replace("CREATED", CREATED)));
    }

    @Test
    void aServiceTellsWhereItIsReached() {
        assertEquals(
                "web | LoadBalancer | 10.0.0.1 | 1.2.3.4 | 80:30080/TCP,53/UDP | 60m | app=web",
                row(NetworkColumns.SERVICES, """
                        metadata: {name: web, CREATED}
                        spec: {type: LoadBalancer, clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1], selector: {app: web},
                          ports: [{port: 80, nodePort: 30080, protocol: TCP}, {port: 53, protocol: UDP}]}
                        status: {loadBalancer: {ingress: [{ip: 1.2.3.4}]}}
                        """.replace("CREATED", CREATED)));
        assertEquals(
                "db | ExternalName | <none> | db.example.com | <none> | 60m | <none>",
                row(
                        NetworkColumns.SERVICES,
                        "{metadata: {name: db, CREATED}, spec: {type: ExternalName, externalName: db.example.com}}"
                                .replace("CREATED", CREATED)));
    }

    @Test
    void aNodeTellsItsRolesAndWhetherItTakesPods() {
        assertEquals(
                "one | Ready,SchedulingDisabled | control-plane,worker | 60m | v1.36.0 | 10.0.0.9 | <none> | Debian | 6.1 "
                        + "| containerd://2.1",
                row(ClusterColumns.NODES, """
                        metadata:
                          name: one
                          creationTimestamp: '2026-05-01T11:00:00Z'
                          labels: {node-role.kubernetes.io/control-plane: '', kubernetes.io/role: worker}
                        spec: {unschedulable: true}
                        status:
                          conditions: [{type: Ready, status: 'True'}]
                          addresses: [{type: InternalIP, address: 10.0.0.9}]
                          nodeInfo: {kubeletVersion: v1.36.0, osImage: Debian, kernelVersion: '6.1', containerRuntimeVersion: 'containerd://2.1'}
                        """));
    }

    @Test
    void aJobTellsHowLongItTook() {
        assertEquals(
                "once | Complete | 1/1 | 90s | 60m",
                row(WorkloadColumns.JOBS, """
                                metadata: {name: once, CREATED}
                                spec: {completions: 1, parallelism: 1}
                                status: {succeeded: 1, startTime: '2026-05-01T11:00:00Z', completionTime: '2026-05-01T11:01:30Z',
                                  conditions: [{type: Complete, status: 'True'}]}
                                """.replace("CREATED", CREATED)).replaceAll(" \\| <none>.*| \\|  .*", ""));
    }

    @Test
    void aClaimTellsWhatItIsBoundTo() {
        assertEquals(
                "data | Bound | pv-1 | 1Gi | RWO | fast | <unset> | 60m | Filesystem",
                row(StorageColumns.CLAIMS, """
                        metadata: {name: data, CREATED}
                        spec: {volumeName: pv-1, storageClassName: fast, volumeMode: Filesystem}
                        status: {phase: Bound, capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce]}
                        """.replace("CREATED", CREATED)));
    }
}
