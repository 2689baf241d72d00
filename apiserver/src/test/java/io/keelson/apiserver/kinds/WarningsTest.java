package io.keelson.apiserver.kinds;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is allowed and hardly meant, in the words of the original. */
class WarningsTest {
    private static final Kind PODS = Kind.of("pods");

    private static String pod(String spec) {
        return "{metadata: {name: web}, spec: {" + spec + "}}";
    }

    private static String template(String name, String spec) {
        return "{metadata: {name: " + name + "}, spec: {template: {metadata: {annotations:"
                + " {container.apparmor.security.beta.kubernetes.io/c: x}}, spec: {" + spec + "}}}}";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            nodeSelector: {beta.kubernetes.io/os: linux} | spec.nodeSelector[beta.kubernetes.io/os]: deprecated since \
v1.14; use "kubernetes.io/os" instead
            affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{}, \
{matchExpressions: [{key: node-role.kubernetes.io/master}]}]}}} | spec.affinity.nodeAffinity.\
requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[1].matchExpressions[0].key: \
node-role.kubernetes.io/master is use "node-role.kubernetes.io/control-plane" instead
            affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{preference: {matchExpressions: \
[{key: beta.kubernetes.io/arch}]}}]}} | spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].\
preference.matchExpressions[0].key: beta.kubernetes.io/arch is deprecated since v1.14; use "kubernetes.io/arch" instead
            topologySpreadConstraints: [{topologyKey: failure-domain.beta.kubernetes.io/zone, labelSelector: {}}] | \
spec.topologySpreadConstraints[0].topologyKey: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use \
"topology.kubernetes.io/zone" instead
            topologySpreadConstraints: [{topologyKey: z}] | spec.topologySpreadConstraints[0].labelSelector: a null \
labelSelector results in matching no pod
            affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: z}]}} | \
spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: a null labelSelector results in \
matching no pod
            affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{podAffinityTerm: \
{topologyKey: z}}]}} | spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.\
labelSelector: a null labelSelector results in matching no pod
            volumes: [{name: a, gitRepo: {}}] | spec.volumes[0].gitRepo: deprecated in v1.11
            volumes: [{name: a, storageos: {}}] | spec.volumes[0].storageOS: deprecated in v1.22, non-functional in v1.25+
            volumes: [{name: a, ephemeral: {volumeClaimTemplate: {spec: {resources: {requests: {storage: 1500m}}}}}}] | \
spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources.requests[storage]: fractional byte value "1500m" is invalid, \
must be an integer
            volumes: [{name: a, projected: {sources: [{serviceAccountToken: {path: token}}, {secret: {items: [{path: \
other}, {path: token}]}}]}}] | spec.volumes[0].projected.sources.secrets[1]: has duplicated path with ServiceAccountToken \
"token"
            hostAliases: [{ip: 1.1.1.1}, {ip: 1.1.1.1}] | spec.hostAliases[1].ip: duplicate ip "1.1.1.1"
            imagePullSecrets: [{name: a}, {name: a}] | spec.imagePullSecrets[1].name: duplicate name "a"
            imagePullSecrets: [{}] | spec.imagePullSecrets[0].name: invalid empty name ""
            overhead: {memory: 100m} | spec.overhead[memory]: fractional byte value "100m" is invalid, must be an integer
            containers: [{name: c, resources: {requests: {memory: 1}, limits: {memory: 1500m}}}] | spec.containers[0].resources.limits[memory]: \
fractional byte value "1500m" is invalid, must be an integer
            initContainers: [{name: i, env: [{name: A, value: a}, {name: A, value: b}]}] | spec.initContainers[0].env[1]: \
hides previous definition of "A", which may be dropped when using apply
            terminationGracePeriodSeconds: -1 | spec.terminationGracePeriodSeconds: must be >= 0; negative values are \
invalid and will be treated as 1
            """)
    void podsAreAllowedMuch(String spec, String warning) {
        assertEquals(List.of(warning), PODS.warningsOf(pod(spec)));
    }

    @Test
    void aVariableMayBeBuiltOnWhatItHides() {
        String env = "containers: [{name: c, env: [{name: A, value: a}, {name: A, %s}]}]";
        assertEquals(List.of(), PODS.warningsOf(pod(env.formatted("value: $(A)b"))));
        assertEquals(1, PODS.warningsOf(pod(env.formatted("value: $(A)"))).size());
        assertEquals(
                1,
                PODS.warningsOf(pod(env.formatted("valueFrom: {fieldRef: {fieldPath: metadata.name}}")))
                        .size());
    }

    @Test
    void portsAreComparedOverAllContainers() {
        assertEquals(
                List.of("spec.containers[0].ports[0]: duplicate port definition with spec.initContainers[0].ports[0]"),
                PODS.warningsOf(
                        pod("initContainers: [{name: i, ports: [{containerPort: 80}]}], containers: [{name: c, ports:"
                                + " [{containerPort: 80}, {containerPort: 80, protocol: UDP}]}]")));
        assertEquals(
                List.of("spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]"),
                PODS.warningsOf(pod(
                        "containers: [{name: c, ports: [{containerPort: 80, hostPort: 1}, {containerPort: 80}]}]")));
        assertEquals(
                List.of("spec.containers[0].ports[1]: dangerously ambiguous port definition with"
                        + " spec.containers[0].ports[0]"),
                PODS.warningsOf(
                        pod("containers: [{name: c, ports: [{containerPort: 80, hostPort: 1}, {containerPort: 80,"
                                + " hostPort: 1, hostIP: 1.2.3.4}]}]")));
        assertEquals(
                List.of("spec.containers[0].ports[0]: hostIP set without hostPort: {Name:a HostPort:0 ContainerPort:80"
                        + " Protocol:TCP HostIP:1.2.3.4}"),
                PODS.warningsOf(
                        pod("containers: [{name: c, ports: [{name: a, containerPort: 80, hostIP: 1.2.3.4}]}]")));
    }

    @Test
    void manyPortsAreNotComparedForEver() {
        String ports = ", {containerPort: 80}".repeat(20_000).substring(2);
        List<String> warnings = PODS.warningsOf(pod("containers: [{name: c, ports: [" + ports + "]}]"));
        assertEquals(10_000, warnings.size());
    }

    @Test
    void podsAreHostsWhateverTheirHostname() {
        assertEquals(
                List.of(
                        "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS"
                                + " label is recommended: [must not contain dots]"),
                PODS.warningsOf("{metadata: {name: web.a}, spec: {hostname: web}}"));
    }

    @Test
    void annotationsThatHaveBecomeFields() {
        String annotated = "{metadata: {name: web, annotations: {%s: x}}, spec: {%s containers: [{name: c}]}}";
        assertEquals(
                List.of(
                        "metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]: non-functional in v1.27+; use the"
                                + " \"seccompProfile\" field instead"),
                PODS.warningsOf(annotated.formatted("seccomp.security.alpha.kubernetes.io/pod", "")));
        assertEquals(
                List.of(
                        "metadata.annotations[container.seccomp.security.alpha.kubernetes.io/c]: non-functional in v1.27+;"
                                + " use the \"seccompProfile\" field instead"),
                PODS.warningsOf(annotated.formatted("container.seccomp.security.alpha.kubernetes.io/c", "")));
        assertEquals(
                List.of(
                        "metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: deprecated since v1.30; use"
                                + " the \"appArmorProfile\" field instead"),
                PODS.warningsOf(annotated.formatted("container.apparmor.security.beta.kubernetes.io/c", "")));
        assertEquals(
                List.of(),
                PODS.warningsOf(annotated
                        .replace(": x}", ": runtime/default}")
                        .formatted(
                                "container.apparmor.security.beta.kubernetes.io/c",
                                "securityContext: {appArmorProfile: {type: RuntimeDefault}},")));
        assertEquals(
                List.of(
                        "metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the"
                                + " \"priorityClassName\" field instead"),
                PODS.warningsOf(annotated.formatted("scheduler.alpha.kubernetes.io/critical-pod", "")));
    }

    @Test
    void secretsWhoseKeyIsNotThatOfTheirCertificate() {
        String secret = "{metadata: {name: a}, type: kubernetes.io/tls, data: {tls.crt: eA==, tls.key: eA==}}";
        Kind secrets = Kind.of("secrets");
        String wrong = "tls: failed to find any PEM data in certificate input";
        assertEquals(List.of(wrong), secrets.warningsOf(secret));
        assertEquals(List.of(wrong), secrets.warningsOfChange(secret, secret));
        assertEquals(List.of(), secrets.warningsOf(secret.replace("kubernetes.io/tls", "example.com/tls")));
    }

    @ParameterizedTest
    @CsvSource({
        "deployments.apps, true",
        "replicasets.apps, true",
        "replicationcontrollers, true",
        "daemonsets.apps, false",
        "statefulsets.apps, false",
        "jobs.batch, true"
    })
    void workloadsAreTheirTemplates(String kind, boolean named) {
        Kind workloads = Kind.of(kind);
        String template =
                "spec.template.metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: deprecated"
                        + " since v1.30; use the \"appArmorProfile\" field instead";
        String ports = "spec.template.spec.containers[0].ports[1]: duplicate port definition with"
                + " spec.template.spec.containers[0].ports[0]";
        String spec = "containers: [{name: c, ports: [{containerPort: 1}, {containerPort: 1}]}]";
        assertEquals(List.of(template, ports), workloads.warningsOf(template("web", spec)));
        String dots =
                "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS"
                        + " label is recommended: [must not contain dots]";
        assertEquals(
                named ? List.of(dots, template, ports) : List.of(template, ports),
                workloads.warningsOf(template("web.example", spec)));
        assertEquals(
                List.of(), workloads.warningsOfChange(template("web.example", spec), template("web.example", spec)));
        assertEquals(
                List.of(template),
                workloads.warningsOfChange(
                        template("web.example", spec), template("web.example", "containers: [{name: c}]")));
    }

    @Test
    void podsAreNotWarnedOfWhenTheyChange() {
        assertEquals(
                List.of(), PODS.warningsOfChange(pod("imagePullSecrets: [{}]"), pod("imagePullSecrets: [{}, {}]")));
    }

    @Test
    void jobsMayBeTooManyAtATimeAndHaveOddSchedules() {
        assertEquals(
                List.of(
                        "spec: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than"
                                + " 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail"),
                Kind.of("jobs.batch")
                        .warningsOf("{metadata: {name: a}, spec: {completionMode: Indexed, completions: 100001,"
                                + " parallelism: 10001}}"));
        Kind cron = Kind.of("cronjobs.batch");
        String job = "{metadata: {name: a}, spec: {schedule: '%s', jobTemplate: {spec: {template: {spec:"
                + " {imagePullSecrets: [{}]}}}}}}";
        assertEquals(
                List.of("spec.jobTemplate.spec.template.spec.imagePullSecrets[0].name: invalid empty name \"\""),
                cron.warningsOf(job.formatted("* * * * *")));
        String zoned = job.formatted("TZ=UTC * * * * *");
        assertEquals(
                List.of("cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see"
                        + " https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details"),
                cron.warningsOfChange(zoned, zoned));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            externalIPs: [1.2.3.4] | spec.externalIPs is deprecated and may no longer be implemented in some clusters
            clusterIP: None, externalIPs: [1.2.3.4] | spec.externalIPs is ignored for headless services
            clusterIP: None, sessionAffinity: ClientIP | spec.SessionAffinity is ignored for headless services
            clusterIP: None, loadBalancerIP: 1.2.3.4 | spec.loadBalancerIP is ignored for headless services
            type: ExternalName, externalName: a.b, externalIPs: [1.2.3.4] | spec.externalIPs is ignored when spec.type is \
"ExternalName"
            externalName: a.b | spec.externalName is ignored when spec.type is not "ExternalName"
            trafficDistribution: PreferClose | spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"
            """)
    void services(String spec, String warning) {
        assertEquals(List.of(warning), Kind.of("services").warningsOf(pod(spec)));
        assertEquals(List.of(warning), Kind.of("services").warningsOfChange(pod(spec), pod(spec)));
    }

    @Test
    void addressesAreWrittenInOneWay() {
        assertEquals(
                List.of(
                        "spec.clusterIPs[0]: IPv6 address \"fd00::0:1\" should be in RFC 5952 canonical format (\"fd00::1\")",
                        "spec.loadBalancerIP: non-standard IP address \"010.1.2.3\" will be considered invalid in a future"
                                + " Kubernetes release: use \"10.1.2.3\""),
                Kind.of("services")
                        .warningsOf(
                                pod("clusterIPs: ['fd00::0:1'], clusterIP: 'fd00::0:1', loadBalancerIP: 010.1.2.3")));
        assertEquals(
                List.of(),
                Kind.of("services")
                        .warningsOf(pod("clusterIPs: ['fd00::1'], loadBalancerIP: 10.1.2.3, type: LoadBalancer")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            10.1.2.0/24 |
            fd00::/64 |
            10.1.2.3/24 | CIDR value "10.1.2.3/24" is ambiguous in this context (should be "10.1.2.0/24" or \
"10.1.2.3/32"?)
            fd00::1/64 | CIDR value "fd00::1/64" is ambiguous in this context (should be "fd00::/64" or "fd00::1/128"?)
            010.1.2.0/24 | non-standard CIDR value "010.1.2.0/24" will be considered invalid in a future Kubernetes \
release: use "10.1.2.0/24"
            fd00::/064 | non-standard CIDR value "fd00::/064" will be considered invalid in a future Kubernetes release: \
use "fd00::/64"
            fd00:0::/64 | IPv6 CIDR value "fd00:0::/64" should be in RFC 5952 canonical format ("fd00::/64")
            """)
    void rangesBeginAtTheirBeginning(String range, @Nullable String warning) {
        assertEquals(
                warning == null ? List.of() : List.of("spec.loadBalancerSourceRanges[0]: " + warning),
                Kind.of("services").warningsOf(pod("type: LoadBalancer, loadBalancerSourceRanges: ['" + range + "']")));
    }

    @Test
    void storage() {
        assertEquals(
                List.of(),
                Kind.of("persistentvolumeclaims")
                        .warningsOf("{metadata: {name: a}, spec: {resources: {requests: {storage: 16Pi}}}}"));
        assertEquals(
                List.of(
                        "metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use"
                                + " \"storageClassName\" attribute instead",
                        "spec.resources.requests[storage]: fractional byte value \"1500m\" is invalid, must be an integer"),
                Kind.of("persistentvolumeclaims")
                        .warningsOf(
                                "{metadata: {name: a, annotations: {volume.beta.kubernetes.io/storage-class: x}}, spec:"
                                        + " {resources: {requests: {storage: 1500m}}}}"));
        assertEquals(
                List.of(
                        "metadata.annotations[volume.beta.kubernetes.io/mount-options]: deprecated since v1.31; use"
                                + " \"mountOptions\" attribute instead",
                        "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the"
                                + " recommended approach is to use dynamic provisioning.",
                        "spec.cephfs: deprecated in v1.28, non-functional in v1.31+"),
                Kind.of("persistentvolumes")
                        .warningsOf(
                                "{metadata: {name: a, annotations: {volume.beta.kubernetes.io/mount-options: x}}, spec:"
                                        + " {persistentVolumeReclaimPolicy: Recycle, cephfs: {monitors: [a]}}}"));
        assertEquals(
                List.of(
                        "allowedTopologies[0].matchLabelExpressions[0].key: beta.kubernetes.io/os is deprecated since v1.14;"
                                + " use \"kubernetes.io/os\" instead"),
                Kind.of("storageclasses.storage.k8s.io")
                        .warningsOf(
                                "{metadata: {name: a}, provisioner: p, allowedTopologies: [{matchLabelExpressions: [{key:"
                                        + " beta.kubernetes.io/os}]}]}"));
        assertEquals(
                List.of(
                        "spec.volumeClaimTemplates[0].Spec.resources.requests[storage]: fractional byte value \"1500m\" is"
                                + " invalid, must be an integer",
                        "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is"
                                + " recommended"),
                Kind.of("statefulsets.apps")
                        .warningsOf(
                                "{metadata: {name: a}, spec: {revisionHistoryLimit: -1, volumeClaimTemplates: [{spec:"
                                        + " {resources: {requests: {storage: 1500m}}}}]}}"));
    }

    @Test
    void ingressesHaveClasses() {
        String annotated = "{metadata: {name: a, annotations: {kubernetes.io/ingress.class: x}}, spec: {%s}}";
        Kind ingresses = Kind.of("ingresses.networking.k8s.io");
        assertEquals(
                List.of("annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName'"
                        + " instead"),
                ingresses.warningsOf(annotated.formatted("")));
        assertEquals(List.of(), ingresses.warningsOf(annotated.formatted("ingressClassName: x")));
        assertEquals(List.of(), ingresses.warningsOfChange(annotated.formatted(""), annotated.formatted("")));
    }

    @Test
    void formatsOfCustomKindsThatNobodyKnowsAreToldOfOnceTheyAreNew() {
        String definition = "{metadata: {name: as.b.c}, spec: {group: b.c, scope: Cluster, names: {plural: as, kind:"
                + " A}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object,"
                + " properties: {%s}}}}, {name: v2, served: true, storage: false, schema: {openAPIV3Schema: {type:"
                + " object, properties: {%s}}}}]}}";
        Kind definitions = Kind.of("customresourcedefinitions.apiextensions.k8s.io");
        String one = "one: {type: string, format: fo-o}";
        String other = "other: {type: string, format: fo-o}";
        String bar = "bar: {type: string, format: bar}";
        String told = "unrecognized format \"fo-o\"";
        assertEquals(List.of(told, told, told), definitions.warningsOf(definition.formatted(one + ", " + other, one)));
        assertEquals(
                List.of(),
                definitions.warningsOfChange(definition.formatted(one, ""), definition.formatted("", other)));
        assertEquals(
                List.of("unrecognized format \"bar\""),
                definitions.warningsOfChange(
                        definition.formatted(one, ""), definition.formatted(one + ", " + bar, one)));
        assertEquals(
                List.of(told),
                definitions.warningsOfChange(definition.formatted("", ""), definition.formatted(one, "")));
    }
}
