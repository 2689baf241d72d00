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

/** Rows as {@code kubectl get -o wide} has them, headings included, that everybody has seen. */
class KnownRowsTest {
    private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
    private static final String TEMPLATE = "template: {spec: {containers: [{name: main, image: 'nginx:1.29'}]}}";

    private static void shows(List<Column> columns, String headings, String row, String yaml) {
        ObjectNode object = Yaml.parseObject(
                yaml.replace("metadata: {", "metadata: {creationTimestamp: '2026-05-01T11:00:00Z', ")
                        .getBytes(StandardCharsets.UTF_8),
                new ArrayList<>());
        assertEquals(headings, columns.stream().map(Column::name).collect(Collectors.joining(" | ")));
        assertEquals(
                row,
                columns.stream()
                        .map(column -> column.cell().of(object, NOW).asText())
                        .collect(Collectors.joining(" | ")));
    }

    @Test
    void replicaSets() {
        shows(
                WorkloadColumns.REPLICA_SETS,
                "Name | Desired | Current | Ready | Age | Containers | Images | Selector",
                "web | 3 | 2 | 1 | 60m | main | nginx:1.29 | app=web",
                "{metadata: {name: web}, spec: {replicas: 3, selector: {matchLabels: {app: web}}, " + TEMPLATE
                        + "}, status: {replicas: 2, readyReplicas: 1}}");
    }

    @Test
    void statefulSets() {
        shows(
                WorkloadColumns.STATEFUL_SETS,
                "Name | Ready | Age | Containers | Images",
                "db | 2/3 | 60m | main | nginx:1.29",
                "{metadata: {name: db}, spec: {replicas: 3, selector: {matchLabels: {app: db}}, " + TEMPLATE
                        + "}, status: {replicas: 3, readyReplicas: 2}}");
    }

    @Test
    void daemonSets() {
        shows(
                WorkloadColumns.DAEMON_SETS,
                "Name | Desired | Current | Ready | Up-to-date | Available | Node Selector | Age | Containers | Images |"
                        + " Selector",
                "agent | 4 | 3 | 2 | 3 | 1 | kubernetes.io/os=linux | 60m | main | nginx:1.29 | app=agent",
                "{metadata: {name: agent}, spec: {selector: {matchLabels: {app: agent}}, template: {spec: {nodeSelector:"
                        + " {kubernetes.io/os: linux}, containers: [{name: main, image: 'nginx:1.29'}]}}}, status:"
                        + " {desiredNumberScheduled: 4, currentNumberScheduled: 3, numberReady: 2,"
                        + " updatedNumberScheduled: 3, numberAvailable: 1}}");
    }

    @Test
    void cronJobs() {
        String headings =
                "Name | Schedule | Timezone | Suspend | Active | Last Schedule | Age | Containers | Images | Selector";
        shows(
                WorkloadColumns.CRON_JOBS,
                headings,
                "nightly | 0 3 * * * | <none> | False | 0 | <none> | 60m | main | nginx:1.29 | <none>",
                "{metadata: {name: nightly}, spec: {schedule: 0 3 * * *, suspend: false, jobTemplate: {spec: {"
                        + TEMPLATE + "}}}}");
        shows(
                WorkloadColumns.CRON_JOBS,
                headings,
                "nightly | @daily | Europe/Zurich | True | 1 | 10m | 60m | main | nginx:1.29 | <none>",
                "{metadata: {name: nightly}, spec: {schedule: '@daily', timeZone: Europe/Zurich, suspend: true,"
                        + " jobTemplate: {spec: {" + TEMPLATE + "}}}, status: {active: [{name: a}], lastScheduleTime:"
                        + " '2026-05-01T11:50:00Z'}}");
    }

    @Test
    void autoscalers() {
        String headings = "Name | Reference | Targets | MinPods | MaxPods | Replicas | Age";
        String spec = "spec: {scaleTargetRef: {kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 10, metrics:"
                + " [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]}";
        shows(
                WorkloadColumns.AUTOSCALERS,
                headings,
                "web | Deployment/web | cpu: <unknown>/80% | 2 | 10 | 0 | 60m",
                "{metadata: {name: web}, " + spec + "}");
        shows(
                WorkloadColumns.AUTOSCALERS,
                headings,
                "web | Deployment/web | cpu: 45%/80% | 2 | 10 | 3 | 60m",
                "{metadata: {name: web}, " + spec + ", status: {currentReplicas: 3, currentMetrics: [{type: Resource,"
                        + " resource: {name: cpu, current: {averageUtilization: 45}}}]}}");
    }

    @Test
    void ingresses() {
        String headings = "Name | Class | Hosts | Address | Ports | Age";
        shows(
                NetworkColumns.INGRESSES,
                headings,
                "web | <none> | * |  | 80 | 60m",
                "{metadata: {name: web}, spec: {defaultBackend: {service: {name: web}}}}");
        shows(
                NetworkColumns.INGRESSES,
                headings,
                "web | nginx | a.example.com,b.example.com | 192.0.2.1 | 80, 443 | 60m",
                "{metadata: {name: web}, spec: {ingressClassName: nginx, tls: [{hosts: [a.example.com]}], rules: [{host:"
                        + " a.example.com}, {host: b.example.com}]}, status: {loadBalancer: {ingress: [{ip:"
                        + " 192.0.2.1}]}}}");
    }

    @Test
    void events() {
        String headings =
                "Last Seen | Type | Reason | Object | Subobject | Source | Message | First Seen | Count | Name";
        shows(
                ClusterColumns.EVENTS,
                headings,
                "10m | Warning | BackOff | pod/web | spec.containers{main} | kubelet, one | Back-off restarting | 30m | 7 |"
                        + " web.1",
                "{metadata: {name: web.1}, involvedObject: {kind: Pod, name: web, fieldPath: 'spec.containers{main}'},"
                        + " type: Warning, reason: BackOff, message: Back-off restarting, source: {component: kubelet,"
                        + " host: one}, firstTimestamp: '2026-05-01T11:30:00Z', lastTimestamp: '2026-05-01T11:50:00Z',"
                        + " count: 7}");
    }

    @Test
    void volumes() {
        String headings = "Name | Capacity | Access Modes | Reclaim Policy | Status | Claim | StorageClass |"
                + " VolumeAttributesClass | Reason | Age | VolumeMode";
        shows(
                StorageColumns.VOLUMES,
                headings,
                "pv-1 | 10Gi | RWO,ROX | Retain | Bound | shop/data | fast | <unset> |  | 60m | Filesystem",
                "{metadata: {name: pv-1}, spec: {capacity: {storage: 10Gi}, accessModes: [ReadWriteOnce, ReadOnlyMany],"
                        + " persistentVolumeReclaimPolicy: Retain, claimRef: {namespace: shop, name: data},"
                        + " storageClassName: fast, volumeMode: Filesystem}, status: {phase: Bound}}");
    }

    @Test
    void storageClasses() {
        String headings = "Name | Provisioner | ReclaimPolicy | VolumeBindingMode | AllowVolumeExpansion | Age";
        shows(
                StorageColumns.CLASSES,
                headings,
                "fast (default) | csi.example.com | Delete | WaitForFirstConsumer | true | 60m",
                "{metadata: {name: fast, annotations: {storageclass.kubernetes.io/is-default-class: 'true'}}, provisioner:"
                        + " csi.example.com, reclaimPolicy: Delete, volumeBindingMode: WaitForFirstConsumer,"
                        + " allowVolumeExpansion: true}");
        shows(
                StorageColumns.CLASSES,
                headings,
                "slow | csi.example.com | Retain | Immediate | false | 60m",
                "{metadata: {name: slow}, provisioner: csi.example.com, reclaimPolicy: Retain, volumeBindingMode:"
                        + " Immediate}");
    }

    @Test
    void roleBindings() {
        shows(
                PolicyColumns.ROLE_BINDINGS,
                "Name | Role | Age | Users | Groups | ServiceAccounts",
                "readers | ClusterRole/view | 60m | jane, joe | team | shop/robot",
                "{metadata: {name: readers}, roleRef: {kind: ClusterRole, name: view}, subjects: [{kind: User, name:"
                        + " jane}, {kind: User, name: joe}, {kind: Group, name: team}, {kind: ServiceAccount, name:"
                        + " robot, namespace: shop}]}");
    }
}
